/** Random groups: after every commit all members export the same secret, and whoever was removed another one. */
import { type KeyPackagePair, type Suite, unwrap } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { agreement, device, exporterOf } from './actors.ts';

/** `MYCELIUM_MLS_FUZZ_GROUPS=2000` for a long run; `MYCELIUM_MLS_FUZZ_SEED` to repeat one. */
const groups = Number(process.env['MYCELIUM_MLS_FUZZ_GROUPS'] ?? 60);
const seed = Number(process.env['MYCELIUM_MLS_FUZZ_SEED'] ?? 1);

/** mulberry32: small, seeded, good enough to choose with. */
function chooser(from: number): (below: number) => number {
  let at = from;
  return (below) => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), at | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

interface World {
  readonly suite: Suite;
  owner: Uint8Array;
  readonly members: Map<string, Uint8Array>;
  readonly removed: Map<string, Uint8Array>;
  made: number;
}

async function add(world: World, count: number): Promise<void> {
  const joining = new Map<string, KeyPackagePair>();
  for (let at = 0; at < count; at += 1) {
    const name = `device ${(world.made += 1)}`;
    joining.set(name, await agreement.createKeyPackage(world.suite, device(name)));
  }
  const added = await agreement.add(
    world.owner,
    [...joining.values()].map(({ keyPackage }) => keyPackage),
  );
  await follow(world, added.state, added.commit);
  for (const [name, pair] of joining)
    world.members.set(name, unwrap(await agreement.join(added.welcome!, pair)).state);
}

async function remove(world: World, names: readonly string[]): Promise<void> {
  const { state, commit } = await agreement.remove(
    world.owner,
    names.map((name) => device(name).deviceKey),
  );
  for (const name of names) {
    const before = world.members.get(name)!;
    const processed = unwrap(await agreement.process(before, commit, []));
    expect(processed.removed).toBe(true);
    world.removed.set(name, processed.state);
    world.members.delete(name);
  }
  await follow(world, state, commit);
}

async function follow(world: World, state: Uint8Array, commit: Uint8Array): Promise<void> {
  world.owner = state;
  for (const [name, member] of world.members) {
    const processed = unwrap(await agreement.process(member, commit, []));
    expect(processed.removed).toBe(false);
    world.members.set(name, processed.state);
  }
  for (const gone of world.removed.values())
    expect((await agreement.process(gone, commit, [])).ok).toBe(false);
}

async function check(world: World): Promise<void> {
  const secret = await exporterOf(world.owner);
  for (const member of world.members.values()) expect(await exporterOf(member)).toBe(secret);
  for (const gone of world.removed.values()) expect(await exporterOf(gone)).not.toBe(secret);
}

test(`${groups} random groups from seed ${seed}`, { timeout: 60_000 + groups * 1_000 }, async () => {
  for (let group = 0; group < groups; group += 1) {
    const choose = chooser(seed * 1_000_003 + group);
    const suite = choose(6) === 0 ? 'xwing' : 'x25519';
    const owner = await agreement.createGroup(suite, new Uint8Array(16), device('owner'));
    const world: World = { suite, owner, members: new Map(), removed: new Map(), made: 0 };
    await add(world, 1 + choose(9));
    for (let turn = 0; turn < 5; turn += 1) {
      const names = [...world.members.keys()].filter(() => choose(3) === 0);
      const action = choose(3);
      if (action === 0 || world.members.size === 0) await add(world, 1 + choose(4));
      else if (action === 1 && names.length > 0) await remove(world, names);
      else {
        const { state, commit } = await agreement.refresh(world.owner, []);
        await follow(world, state, commit);
      }
      await check(world);
    }
  }
});
