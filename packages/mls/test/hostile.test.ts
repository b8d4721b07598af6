import fc from 'fast-check';
import { type DeviceKey, unwrap } from '@mycelium/protocol';
import {
  type ClientState,
  createCommit,
  type CreateCommitOptions,
  createGroup,
  decodeMlsMessage,
  encodeMlsMessage,
  type KeyPackage,
  type LeafNode,
  makePskIndex,
  type Proposal,
} from 'ts-mls';
import { signKeyPackage } from 'ts-mls/keyPackage.js';
import { signLeafNodeKeyPackage } from 'ts-mls/leafNode.js';
import { validateRatchetTree } from 'ts-mls/clientState.js';
import { expect, test } from 'vitest';
import { createCipherSuite } from '../src/cipher-suite.ts';
import { decodeState, encodeState } from '../src/group-state.ts';
import { decodeOwn, encodeKeyPackage } from '../src/key-package.ts';
import { clientConfig } from '../src/leaf.ts';
import { agreement, crypto, device, groupOf } from './actors.ts';

const suite = createCipherSuite('x25519', crypto);

/** What ts-mls lets anybody do, without our own rules. */
async function unrulyCommit(
  bytes: Uint8Array | ClientState,
  options: CreateCommitOptions,
): Promise<Uint8Array> {
  const state = bytes instanceof Uint8Array ? decodeState(bytes) : bytes;
  const pskIndex = makePskIndex(state, { AQ: new Uint8Array(32), 'AQ==': new Uint8Array(32) });
  const result = await createCommit(
    { state, cipherSuite: suite, pskIndex },
    { wireAsPublicMessage: true, ...options },
  );
  return encodeMlsMessage(result.commit);
}

const keyPackageOf = async (name: string): Promise<KeyPackage> =>
  decodeOwn(await agreement.createKeyPackage('x25519', device(name))).publicPackage;

test('a commit of a co-member is refused', async () => {
  const { followers } = await groupOf('x25519', 'alice', ['bob', 'mallory']);
  const commit = await unrulyCommit(followers[1]!, {});
  expect(await agreement.process(followers[0]!, commit, [])).toMatchObject({
    refusal: { code: 'committer' },
  });
});

test('a commit with two kinds of change, or none of ours, is refused', async () => {
  const { owner, followers } = await groupOf('x25519', 'alice', ['bob', 'carol', 'dave']);
  const add = { proposalType: 'add', add: { keyPackage: await keyPackageOf('erin') } } as const;
  const remove = { proposalType: 'remove', remove: { removed: 2 } } as const;
  const extensions: Proposal = {
    proposalType: 'group_context_extensions',
    groupContextExtensions: { extensions: [] },
  };
  for (const extraProposals of [[add, remove], [extensions]] satisfies Proposal[][]) {
    const commit = await unrulyCommit(owner, { extraProposals });
    expect(await agreement.process(followers[0]!, commit, [])).toMatchObject({
      refusal: { code: 'proposals' },
    });
  }
});

test('a PSK commit without a path is refused: it would not heal the owner', async () => {
  const { owner, followers } = await groupOf('x25519', 'alice', ['bob']);
  const id = { psktype: 'external', pskId: new Uint8Array([1]), pskNonce: new Uint8Array(32) } as const;
  const commit = await unrulyCommit(owner, {
    extraProposals: [{ proposalType: 'psk', psk: { preSharedKeyId: id } }],
  });
  expect(await agreement.process(followers[0]!, commit, [])).toMatchObject({ refusal: { code: 'path' } });
});

test('a private message is refused', async () => {
  const { owner, followers } = await groupOf('x25519', 'alice', ['bob']);
  const state = decodeState(owner);
  const filled = { handshake: { secret: new Uint8Array(32), generation: 0, unusedGenerations: {} } };
  const secretTree = state.ratchetTree.map(() => ({ ...filled, application: filled.handshake }));
  const commit = await unrulyCommit({ ...state, secretTree }, { wireAsPublicMessage: false });
  expect(await agreement.process(followers[0]!, commit, [])).toMatchObject({
    refusal: { code: 'malformed' },
  });
});

test('the owner cannot become somebody else in a commit', async () => {
  const { owner, followers } = await groupOf('x25519', 'alice', ['bob']);
  const state = decodeState(owner);
  const changed = state.ratchetTree.slice();
  const node = changed[0];
  if (node?.nodeType !== 'leaf') throw new Error('a leaf');
  changed[0] = {
    ...node,
    leaf: { ...node.leaf, credential: { credentialType: 'basic', identity: device('eve').certificate } },
  };
  const commit = await unrulyCommit({ ...state, ratchetTree: changed }, {});
  expect(await agreement.process(followers[0]!, commit, [])).toMatchObject({ refusal: { code: 'identity' } });
});

test('a Welcome that a co-member made for a fork of the group is refused', async () => {
  const { followers } = await groupOf('x25519', 'alice', ['mallory']);
  const pair = await agreement.createKeyPackage('x25519', device('bob'));
  const { publicPackage } = decodeOwn(pair);
  const { welcome } = await createCommit(
    { state: decodeState(followers[0]!), cipherSuite: suite },
    {
      wireAsPublicMessage: true,
      ratchetTreeExtension: true,
      extraProposals: [{ proposalType: 'add', add: { keyPackage: publicPackage } }],
    },
  );
  const bytes = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome: welcome! });
  expect(await agreement.join(bytes, pair)).toMatchObject({ refusal: { code: 'committer' } });
});

test('a group with extensions is not joined: they could let strangers propose', async () => {
  const own = decodeOwn(await agreement.createKeyPackage('x25519', device('alice')));
  const extension = { extensionType: 0xff01, extensionData: new Uint8Array(1) };
  const group = await createGroup(
    new Uint8Array(16),
    own.publicPackage,
    own.privatePackage,
    [],
    suite,
    clientConfig,
  );
  const state = { ...group, groupContext: { ...group.groupContext, extensions: [extension] } };
  const pair = await agreement.createKeyPackage('x25519', device('bob'));
  await expect(agreement.add(encodeState(state), [pair.keyPackage])).rejects.toThrow('extension');
});

async function altered(
  change: (keyPackage: KeyPackage) => KeyPackage,
  seed = device('mallory').deviceSeed,
): Promise<Uint8Array> {
  const kp = change(await keyPackageOf('mallory'));
  const leafNode = await signLeafNodeKeyPackage(kp.leafNode, seed, suite.signature);
  return encodeKeyPackage(await signKeyPackage({ ...kp, leafNode }, seed, suite.signature));
}

const withLeaf = (kp: KeyPackage, leaf: Partial<LeafNode>): KeyPackage =>
  ({ ...kp, leafNode: { ...kp.leafNode, ...leaf } }) as KeyPackage;

test.for<readonly [string, string, (kp: KeyPackage) => KeyPackage]>([
  [
    'no certificate',
    'credential',
    (kp) => withLeaf(kp, { credential: { credentialType: 'basic', identity: new Uint8Array(0) } }),
  ],
  [
    'an X.509 credential',
    'credential',
    (kp) => withLeaf(kp, { credential: { credentialType: 'x509', certificates: [] } }),
  ],
  [
    'an end',
    'lifetime',
    (kp) => withLeaf(kp, { lifetime: { notBefore: 0n, notAfter: 5n } } as Partial<LeafNode>),
  ],
  [
    'capabilities without basic credentials',
    'capabilities',
    (kp) => withLeaf(kp, { capabilities: { ...kp.leafNode.capabilities, credentials: [] } }),
  ],
  ['another extension', 'extensions', (kp) => ({ ...kp, extensions: [] })],
  ['one key for two uses', 'init-key', (kp) => ({ ...kp, initKey: kp.leafNode.hpkePublicKey })],
  ['an init key of small order', 'hpke-key', (kp) => ({ ...kp, initKey: new Uint8Array(32) })],
  [
    'an encryption key of small order',
    'hpke-key',
    (kp) => withLeaf(kp, { hpkePublicKey: new Uint8Array(32) }),
  ],
  [
    'an encryption key of another length',
    'hpke-key',
    (kp) => withLeaf(kp, { hpkePublicKey: new Uint8Array(31) }),
  ],
])('a key package with %s is refused', async ([, code, change]) => {
  expect(await agreement.inspectKeyPackage(await altered(change))).toMatchObject({
    ok: false,
    refusal: { code },
  });
});

test('a key package is signed by its device, and by a key that the strict verification takes', async () => {
  expect(unwrap(await agreement.inspectKeyPackage(await altered((kp) => kp)))).toMatchObject({
    suite: 'x25519',
  });
  const other = await altered((kp) => kp, device('eve').deviceSeed);
  expect(await agreement.inspectKeyPackage(other)).toMatchObject({ refusal: { code: 'signature' } });
  const kp = await keyPackageOf('mallory');
  const smallOrder = new Uint8Array(32) as DeviceKey;
  const signature = new Uint8Array(64);
  const leafNode = { ...kp.leafNode, signaturePublicKey: smallOrder, signature };
  const forged = encodeKeyPackage({ ...kp, leafNode, signature });
  expect(await agreement.inspectKeyPackage(forged)).toMatchObject({ refusal: { code: 'signature' } });
});

test('a device that copies the encryption key of a member is not added', async () => {
  const { owner } = await groupOf('x25519', 'alice', ['bob']);
  const node = decodeState(owner).ratchetTree[2];
  if (node?.nodeType !== 'leaf') throw new Error('a leaf');
  const copied = await altered((kp) => withLeaf(kp, { hpkePublicKey: node.leaf.hpkePublicKey }));
  await expect(agreement.add(owner, [copied])).rejects.toThrow('keys that no member has');
});

test('unmerged leaves outside of the tree, of another branch, blank or unsorted are refused, and nothing hangs', async () => {
  const { owner } = await groupOf('x25519', 'alice', ['b', 'c', 'd', 'e', 'f', 'g', 'h']);
  const state = decodeState((await agreement.refresh(owner, [])).state);
  const judge = (unmergedLeaves: number[], at: number): Promise<Error | undefined> => {
    const tree = state.ratchetTree.slice();
    const node = tree[at];
    if (node?.nodeType !== 'parent') throw new Error('a parent');
    tree[at] = { ...node, parent: { ...node.parent, unmergedLeaves } };
    const { lifetimeConfig, authService } = clientConfig;
    return validateRatchetTree(
      tree,
      state.groupContext,
      lifetimeConfig,
      authService,
      state.groupContext.treeHash,
      suite,
    );
  };
  expect((await judge([0xffff_ffff], 7))?.message).toContain('descendant');
  expect((await judge([9], 7))?.message).toContain('descendant');
  expect((await judge([6], 3))?.message).toContain('descendant');
  expect((await judge([1], 7))?.message).toContain('intermediate');
  expect((await judge([6, 5], 7))?.message).toContain('sorted');
});

test('any bytes given as a commit, a Welcome or a key package are refused and never throw', async () => {
  const { owner, followers } = await groupOf('x25519', 'alice', ['bob']);
  const pair = await agreement.createKeyPackage('x25519', device('carol'));
  const { commit, welcome } = await agreement.add(owner, [pair.keyPackage]);
  const samples = [commit, welcome!, pair.keyPackage];
  const cut = fc
    .tuple(fc.constantFrom(...samples), fc.nat(400))
    .map(([bytes, length]) => bytes.slice(0, length % bytes.length));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), cut), async (bytes) => {
      expect((await agreement.process(followers[0]!, bytes, [])).ok).toBe(false);
      expect((await agreement.join(bytes, pair)).ok).toBe(false);
      expect((await agreement.inspectKeyPackage(bytes)).ok).toBe(false);
      expect(agreement.pskIdsOf(bytes).ok).toBe(false);
      expect((await agreement.openIntake(new Uint8Array(32), new Uint8Array(0), bytes)).ok).toBe(false);
    }),
    { numRuns: 60 },
  );
  expect(decodeMlsMessage(commit, 0)).toBeDefined();
});
