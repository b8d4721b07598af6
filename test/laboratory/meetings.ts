/** Who is behind what: how long it takes until somebody who comes back is heard, and until there is a direct link. */
import { bobsAddress } from '../harness/people.ts';
import { directPath, relayPath, untilSaid } from './directness.ts';
import type { Nat } from './internet.ts';
import { startIsland, startScene, webSocketPort, type Scene } from './scene.ts';
import { Talk, type Counted } from './talk.ts';

export interface Met extends Counted {
  /** Alice's node is ready, says something at once, and Bob is shown it so much later. */
  readonly firstMs: number;
  /** From the same moment until a link between the two devices is open; undefined where none came to be. */
  readonly directMs: number | undefined;
  readonly path: string | undefined;
  readonly relayPath: string | undefined;
}

export interface Meeting {
  readonly name: string;
  readonly start: () => Promise<Scene>;
  /** How long a direct link is waited for. */
  readonly directWithinMs: number;
}

function between(alice: Nat, bob: Nat, directWithinMs = 20_000): Meeting {
  const start = (): Promise<Scene> => startScene({ alice, bob });
  return { name: `Alice ${alice}, Bob ${bob}`, start, directWithinMs };
}

export const meetings: readonly Meeting[] = [
  between('open', 'open'),
  between('open', 'cone'),
  between('open', 'symmetric'),
  between('cone', 'cone'),
  between('cone', 'symmetric', 45_000),
  between('symmetric', 'cone', 45_000),
  between('symmetric', 'symmetric', 10_000),
  {
    name: 'one network, no internet',
    start: startIsland,
    directWithinMs: 20_000,
  },
  {
    name: 'Alice: nothing but TCP to port 443',
    start: () =>
      startScene({
        alice: 'cone',
        bob: 'cone',
        websocket: true,
        prepare: (net) => net.lose('alice', 'out meta l4proto udp', `out tcp dport != ${webSocketPort}`),
      }),
    directWithinMs: 5_000,
  },
];

/** Alice's node starts anew; Bob's has been there all the time. */
export async function meet(scene: Scene, directWithinMs: number): Promise<Met> {
  await scene.alice.stop();
  await scene.alice.start();
  const readyMs = performance.now();
  const talk = await Talk.begin(scene);
  const direct = untilSaid(
    () => directPath(talk.alice, bobsAddress),
    (path) => path !== undefined,
    directWithinMs,
  ).then((path) => ({ path, ms: path === undefined ? undefined : performance.now() - readyMs }));
  await talk.one();
  const firstMs = talk.lastShownAtMs - readyMs;
  const { path, ms: directMs } = await direct;
  await talk.both(1_000);
  await talk.all();
  const [relay] = scene.relays;
  const over = relay && (await relayPath(talk.alice, relay));
  const { counted } = talk;
  talk.end();
  return { ...counted, firstMs, directMs, path, relayPath: over };
}
