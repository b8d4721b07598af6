import { bytesToHex, type FeedPsk, type Suite, unwrap } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { agreement, conversation, device, exporterOf, follow, groupOf } from './actors.ts';

const suites: readonly Suite[] = ['xwing', 'x25519'];

test.for(suites)('%s: Alice adds Bob and Carol, and all three have the same secret', async (suite) => {
  const { owner, followers } = await groupOf(suite, 'alice', ['bob', 'carol']);
  const secret = await exporterOf(owner);
  expect(await Promise.all(followers.map(exporterOf))).toEqual([secret, secret]);
  expect(agreement.epoch(owner)).toBe(1n);
  const names = agreement
    .members(followers[0]!)
    .map(({ certificate }) => new TextDecoder().decode(certificate));
  expect(names).toEqual(['certificate of alice', 'certificate of bob', 'certificate of carol']);
  expect(agreement.members(owner).map(({ deviceKey }) => bytesToHex(deviceKey))).toEqual(
    ['alice', 'bob', 'carol'].map((name) => bytesToHex(device(name).deviceKey)),
  );
});

test.for(suites)('%s: a refresh brings a new secret to everybody, and takes in PSKs', async (suite) => {
  const { owner, followers } = await groupOf(suite, 'alice', ['bob', 'carol']);
  const plain = await agreement.refresh(owner, []);
  const psks: FeedPsk[] = [1, 2].map((n) => ({
    id: new Uint8Array([n]),
    secret: new Uint8Array(32).fill(n),
  }));
  const mixed = await agreement.refresh(plain.state, psks);
  const secrets = [await exporterOf(owner), await exporterOf(plain.state), await exporterOf(mixed.state)];
  expect(new Set(secrets).size).toBe(3);
  for (const follower of followers) {
    const next = await follow(follower, plain.commit);
    expect(await exporterOf(next)).toBe(secrets[1]);
    expect(unwrap(agreement.pskIdsOf(mixed.commit)).map(bytesToHex)).toEqual(['01', '02']);
    expect(await agreement.process(next, mixed.commit, psks.slice(1))).toMatchObject({
      refusal: { code: 'psk' },
    });
    const wrong = [psks[0]!, { id: psks[1]!.id, secret: new Uint8Array(32) }];
    expect(await agreement.process(next, mixed.commit, wrong)).toMatchObject({
      refusal: { code: 'invalid' },
    });
    expect(await exporterOf(await follow(next, mixed.commit, psks))).toBe(secrets[2]);
  }
});

test('a refresh changes the leaf of the owner, with PSKs too', async () => {
  const { owner } = await groupOf('x25519', 'alice', ['bob']);
  const psk = { id: new Uint8Array([1]), secret: new Uint8Array(32) };
  const { state } = await agreement.refresh(owner, [psk]);
  const { decodeState, leavesOf } = await import('../src/group-state.ts');
  const [before, after] = [owner, state].map((bytes) => leavesOf(decodeState(bytes))[0]!.leaf.hpkePublicKey);
  expect(after).not.toEqual(before);
});

test.for(suites)('%s: a removed member learns of it and has no next epoch', async (suite) => {
  const { owner, followers } = await groupOf(suite, 'alice', ['bob', 'carol', 'dave']);
  const { state, commit } = await agreement.remove(owner, [device('carol').deviceKey]);
  const next = await exporterOf(state);
  expect(await exporterOf(await follow(followers[0]!, commit))).toBe(next);
  expect(await exporterOf(await follow(followers[2]!, commit))).toBe(next);
  const carol = unwrap(await agreement.process(followers[1]!, commit, []));
  expect(carol.removed).toBe(true);
  expect(await exporterOf(carol.state)).not.toBe(next);
  const after = await agreement.refresh(state, []);
  for (const kept of [carol.state, followers[1]!]) {
    expect((await agreement.process(kept, after.commit, [])).ok).toBe(false);
  }
});

test('a place that was left is taken by somebody else, who joins a tree with unmerged leaves', async () => {
  const names = Array.from({ length: 9 }, (_, at) => `device ${at}`);
  const { owner, followers } = await groupOf('x25519', 'alice', names);
  const removed = await agreement.remove(owner, [device('device 2').deviceKey, device('device 5').deviceKey]);
  const pairs = [
    await agreement.createKeyPackage('x25519', device('erin')),
    await agreement.createKeyPackage('x25519', device('frank')),
  ];
  const added = await agreement.add(
    removed.state,
    pairs.map(({ keyPackage }) => keyPackage),
  );
  const secret = await exporterOf(added.state);
  for (const pair of pairs)
    expect(await exporterOf(unwrap(await agreement.join(added.welcome!, pair)).state)).toBe(secret);
  expect(await exporterOf(await follow(await follow(followers[0]!, removed.commit), added.commit))).toBe(
    secret,
  );
});

test('a state in the store has no secret tree and no former epochs, so it does not grow', async () => {
  let { owner } = await groupOf('xwing', 'alice', ['bob']);
  const sizes: number[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    owner = (await agreement.refresh(owner, [])).state;
    sizes.push(owner.length);
  }
  expect(new Set(sizes).size).toBe(1);
  const { decodeState } = await import('../src/group-state.ts');
  expect(decodeState(owner)).toMatchObject({ secretTree: [], unappliedProposals: {} });
  expect(decodeState(owner).historicalReceiverData.size).toBe(0);
});

test('each call leaves the state that it was given as it was', async () => {
  const { owner, followers } = await groupOf('x25519', 'alice', ['bob']);
  const copies = [owner.slice(), followers[0]!.slice()];
  const { commit } = await agreement.refresh(owner, []);
  await agreement.process(followers[0]!, commit, []);
  await agreement.exporter(owner, 'mycelium feed 1', conversation);
  expect([owner, followers[0]!]).toEqual(copies);
});

test('only the owner commits', async () => {
  const { followers } = await groupOf('x25519', 'alice', ['bob', 'carol']);
  await expect(agreement.refresh(followers[0]!, [])).rejects.toThrow('only the owner');
  await expect(agreement.remove(followers[0]!, [device('carol').deviceKey])).rejects.toThrow(
    'only the owner',
  );
});

test('the owner cannot be removed, nor can a stranger; nobody is added twice', async () => {
  const { owner } = await groupOf('x25519', 'alice', ['bob']);
  await expect(agreement.remove(owner, [device('alice').deviceKey])).rejects.toThrow('other than the owner');
  await expect(agreement.remove(owner, [device('zoe').deviceKey])).rejects.toThrow('other than the owner');
  const { keyPackage } = await agreement.createKeyPackage('x25519', device('bob'));
  await expect(agreement.add(owner, [keyPackage])).rejects.toThrow('keys that no member has');
  const other = await agreement.createKeyPackage('xwing', device('carol'));
  await expect(agreement.add(owner, [other.keyPackage])).rejects.toThrow("group's");
});

test('a commit is followed once, in its group and epoch', async () => {
  const { owner, followers } = await groupOf('x25519', 'alice', ['bob']);
  const first = await agreement.refresh(owner, []);
  const second = await agreement.refresh(first.state, []);
  const bob = followers[0]!;
  expect(await agreement.process(bob, second.commit, [])).toMatchObject({ refusal: { code: 'epoch' } });
  const next = await follow(bob, first.commit);
  expect(await agreement.process(next, first.commit, [])).toMatchObject({ refusal: { code: 'epoch' } });
  expect(await agreement.process(first.state, second.commit, [])).toMatchObject({
    refusal: { code: 'member' },
  });
  const other = await agreement.createGroup('x25519', new Uint8Array(16).fill(2), device('alice'));
  const stranger = await agreement.add(other, [
    (await agreement.createKeyPackage('x25519', device('bob'))).keyPackage,
  ]);
  const foreign = await agreement.refresh(stranger.state, []);
  expect(await agreement.process(bob, foreign.commit, [])).toMatchObject({ refusal: { code: 'group' } });
});

test('any flipped bit of a commit or a Welcome is refused', async () => {
  const { owner, followers } = await groupOf('x25519', 'alice', ['bob']);
  const { commit } = await agreement.refresh(owner, []);
  for (let at = 0; at < commit.length; at += 7) {
    const forged = commit.slice();
    forged[at] = forged[at]! ^ (1 << (at % 8));
    expect((await agreement.process(followers[0]!, forged, [])).ok).toBe(false);
  }
  const pair = await agreement.createKeyPackage('x25519', device('carol'));
  const { welcome } = await agreement.add(owner, [pair.keyPackage]);
  for (let at = 0; at < welcome!.length; at += 11) {
    const forged = welcome!.slice();
    forged[at] = forged[at]! ^ (1 << (at % 8));
    expect((await agreement.join(forged, pair)).ok).toBe(false);
  }
  expect((await agreement.join(welcome!, pair)).ok).toBe(true);
  const other = await agreement.createKeyPackage('x25519', device('dave'));
  expect(await agreement.join(welcome!, other)).toMatchObject({ refusal: { code: 'invalid' } });
});
