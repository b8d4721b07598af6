/** What goes wrong in the middle of a conversation, and how late the latest text was for it. */
import { bobsAddress } from '../harness/people.ts';
import { relayPath, soundPath, untilSaid } from './directness.ts';
import { startScene, type Scene } from './scene.ts';
import { Talk, type Counted } from './talk.ts';

export interface Healed extends Counted {
  /** The longest that any text took, said from the fault on; of a partition: the last that had waited, from its end. */
  readonly healMs: number;
  /** Between the two devices, or to the first relay where that is what the fault is about: before and after. */
  readonly before: string;
  readonly after: string;
}

interface Stage {
  readonly scene: Scene;
  readonly talk: Talk;
}

export interface Fault {
  readonly name: string;
  readonly start: () => Promise<Scene>;
  /** What is looked at before and after. */
  readonly path: 'direct' | 'relay';
  /** Strikes while they talk. Answers when it was over, where nothing could heal before. */
  readonly strike: (stage: Stage) => Promise<number | undefined>;
}

/** How long they go on talking. */
const afterMs = 4_000;

const behindCones = (): Promise<Scene> => startScene({ alice: 'cone', bob: 'cone' });
/** No direct link comes to be: all mail goes through relays. */
const atRelays = (): Promise<Scene> => startScene({ alice: 'symmetric', bob: 'symmetric' });

function during(strike: (stage: Stage) => Promise<void> | void): Fault['strike'] {
  return async (stage) => {
    const talking = stage.talk.both(afterMs);
    await strike(stage);
    await talking;
    return undefined;
  };
}

/** Everything but what goes to relays and comes from them. */
function loseDirect({ scene: { net, relayHosts } }: Stage): void {
  const relays = `{ ${relayHosts.join(', ')} }`;
  net.lose('bob', `out ip daddr != ${relays}`, `in ip saddr != ${relays}`);
}

export function partition(ms: number): Fault {
  return {
    name: `Alice is cut off for ${ms / 1000} s`,
    start: behindCones,
    path: 'direct',
    strike: async ({ scene: { net }, talk }) => {
      net.lose('alice', 'out meta l4proto { tcp, udp }', 'in meta l4proto { tcp, udp }');
      await talk.both(ms);
      net.mend('alice');
      return performance.now();
    },
  };
}

export const faults: readonly Fault[] = [
  { name: 'the direct path dies silently', start: behindCones, path: 'direct', strike: during(loseDirect) },
  {
    name: 'TCP and UDP to all relays die silently, port 443 stays',
    start: () => startScene({ alice: 'symmetric', bob: 'symmetric', websocket: true }),
    path: 'relay',
    strike: during(({ scene: { net } }) => net.lose('alice', 'out meta l4proto udp', 'out tcp dport 4410')),
  },
  {
    name: 'a relay of three is killed',
    start: atRelays,
    path: 'relay',
    strike: during(async ({ scene }) => scene.relays[0]?.kill()),
  },
  {
    name: 'a relay of three falls silent',
    start: atRelays,
    path: 'relay',
    strike: during(({ scene: { net } }) =>
      net.lose('ra', 'out meta l4proto { tcp, udp }', 'in meta l4proto { tcp, udp }'),
    ),
  },
  {
    name: 'Bob’s machine moves to another network',
    start: behindCones,
    path: 'direct',
    strike: during(({ scene: { net } }) => void net.move('bob', 'cone')),
  },
  partition(10_000),
];

export async function heal(scene: Scene, fault: Fault): Promise<Healed> {
  const talk = await Talk.begin(scene);
  const [relay] = scene.relays;
  const path = async (): Promise<string> => {
    const found =
      fault.path === 'direct' || relay === undefined
        ? await soundPath(talk.alice, bobsAddress)
        : await relayPath(talk.alice, relay);
    return found ?? 'none';
  };
  await untilSaid(path, (found) => found !== 'none', fault.path === 'direct' ? 20_000 : 5_000);
  await talk.both(1_000);
  await talk.all();
  const before = await path();
  const struckMs = performance.now();
  const overMs = await fault.strike({ scene, talk });
  await talk.all();
  const healMs = overMs === undefined ? talk.worstDelay(struckMs) : talk.lastShownAtMs - overMs;
  const after = await path();
  const { counted } = talk;
  talk.end();
  return { ...counted, healMs, before, after };
}
