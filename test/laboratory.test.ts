// The short part of the laboratory (docs/network.md): address translation, moves and cuts between real nodes. Times are measured by
// `npm run laboratory`; here it counts what is shown, and over which path.
import { afterEach, expect, test } from 'vitest';
import { nftablesMissing } from './harness/namespaces.ts';
import { patienceMs } from './harness/patience.ts';
import { directPath, relayPath, untilSaid } from './laboratory/directness.ts';
import { startScene, webSocketPort, type Scene } from './laboratory/scene.ts';
import { Talk } from './laboratory/talk.ts';
import { bobsAddress } from './harness/people.ts';

const missing = nftablesMissing();

let scene: Scene | undefined;
let talk: Talk | undefined;
afterEach(async () => {
  talk?.end();
  await scene?.end();
  [scene, talk] = [undefined, undefined];
});

async function allOnce(of: Talk): Promise<void> {
  await of.all(patienceMs);
  expect(of.counted).toMatchObject({ lost: 0, twice: 0 });
}

test('two behind cones punch a hole; it closes, one moves, is cut off, a relay dies: all is shown once', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  const { net, relayHosts, relays } = (scene = await startScene({ alice: 'cone', bob: 'cone' }));
  const { alice } = (talk = await Talk.begin(scene));
  const direct = (): Promise<string | undefined> => directPath(alice, bobsAddress);
  const isLinked = (path: string | undefined): boolean => path !== undefined;
  expect(await untilSaid(direct, isLinked, patienceMs)).toBe('udp');
  await talk.both(500);
  await allOnce(talk);

  const others = `{ ${relayHosts.join(', ')} }`;
  net.lose('bob', `out ip daddr != ${others}`, `in ip saddr != ${others}`);
  await talk.both(1_000);
  await allOnce(talk);
  net.mend('bob');

  net.move('bob', 'cone');
  await talk.both(1_500);
  await allOnce(talk);
  expect(await untilSaid(direct, isLinked, patienceMs)).toBe('udp');

  net.lose('alice', 'out meta l4proto { tcp, udp }', 'in meta l4proto { tcp, udp }');
  await talk.both(2_000);
  net.mend('alice');
  await allOnce(talk);

  await relays[0]?.kill();
  await talk.both(1_000);
  await allOnce(talk);
});

test('one directory node is enough for two behind cones to punch a hole', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  scene = await startScene({ alice: 'cone', bob: 'cone', relays: 1 });
  talk = await Talk.begin(scene);
  const { alice } = talk;
  const path = await untilSaid(
    () => directPath(alice, bobsAddress),
    (found) => found !== undefined,
    patienceMs,
  );
  expect(path).toBe('udp');
  await talk.both(300);
  await allOnce(talk);
});

test('where only port 443 gets through, relays are reached by WebSocket, and nobody is directly', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  scene = await startScene({
    alice: 'symmetric',
    bob: 'symmetric',
    websocket: true,
    prepare: (net) => net.lose('alice', 'out meta l4proto udp', `out tcp dport != ${webSocketPort}`),
  });
  talk = await Talk.begin(scene);
  await talk.both(500);
  await allOnce(talk);
  const [relay] = scene.relays;
  expect(relay && (await relayPath(talk.alice, relay))).toBe('websocket');
  expect(relay && (await relayPath(talk.bob, relay))).not.toBe('websocket');
  expect(await directPath(talk.alice, bobsAddress)).toBeUndefined();
});
