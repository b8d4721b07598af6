/**
 * Joining by Welcome (RFC 9420 §12.4.3.1). ts-mls checks signatures, tree and confirmation; here is checked that it
 * was the owner, leaf 0, who made it: a co-member could otherwise welcome somebody into a fork of the owner's group.
 */
import { accept, groupDevicesMax, type KeyPackagePair, refuse, type Result } from '@mycelium/protocol';
import { type CiphersuiteImpl, type ClientState, joinGroup, type Welcome } from 'ts-mls';
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { decryptGroupInfo, decryptGroupSecrets } from 'ts-mls/welcome.js';
import { suiteOf } from './cipher-suite.ts';
import { pskIndexOf } from './commit.ts';
import { encodeState, leavesOf, ownerLeaf, stateSuite } from './group-state.ts';
import { decodeOwn, type OwnKeyPackage } from './key-package.ts';
import { clientConfig, leafRefusal } from './leaf.ts';
import { decodeMessage } from './mls-message.ts';

export interface Joined {
  readonly state: Uint8Array;
  readonly groupId: Uint8Array;
}

type CipherSuites = Readonly<Record<'xwing' | 'x25519', CiphersuiteImpl>>;
type Refused = ReturnType<typeof refuse>;

const invalid = refuse('invalid', 'welcome', 'opens with this key package and is valid (RFC 9420 §12.4.3.1)');

export async function join(
  bytes: Uint8Array,
  pair: KeyPackagePair,
  cipherSuites: CipherSuites,
): Promise<Result<Joined>> {
  const decoded = decodeMessage(bytes, 'mls_welcome', 'welcome');
  if (!decoded.ok) return decoded;
  const { welcome } = decoded.value;
  const own = decodeOwn(pair);
  const suite = suiteOf(welcome.cipherSuite);
  if (suite === undefined || welcome.cipherSuite !== own.publicPackage.cipherSuite) {
    return refuse('suite', 'welcome.suite', "is the key package's");
  }
  const cipherSuite = cipherSuites[suite];
  try {
    const signer = await signerOf(welcome, own, cipherSuite);
    if (signer !== ownerLeaf)
      return refuse('committer', 'welcome.signer', 'is the owner of the group, leaf 0');
    const state = await joinGroup(
      welcome,
      own.publicPackage,
      own.privatePackage,
      pskIndexOf(undefined, []),
      cipherSuite,
      undefined,
      undefined,
      clientConfig,
    );
    return groupRefusal(state) ?? accept({ state: encodeState(state), groupId: state.groupContext.groupId });
  } catch {
    return invalid;
  }
}

async function signerOf(
  welcome: Welcome,
  own: OwnKeyPackage,
  cipherSuite: CiphersuiteImpl,
): Promise<number | undefined> {
  const secretKey = await cipherSuite.hpke.importPrivateKey(own.privatePackage.initPrivateKey);
  const reference = await makeKeyPackageRef(own.publicPackage, cipherSuite.hash);
  const secrets = await decryptGroupSecrets(secretKey, reference, welcome, cipherSuite.hpke);
  if (secrets === undefined || secrets.psks.length > 0) return undefined;
  const noPsk = new Uint8Array(cipherSuite.kdf.size);
  const info = await decryptGroupInfo(welcome, secrets.joinerSecret, noPsk, cipherSuite);
  return info?.signer;
}

function groupRefusal(state: ClientState): Refused | undefined {
  if (state.groupContext.extensions.length > 0)
    return refuse('extensions', 'welcome.group', 'has no extensions');
  const leaves = leavesOf(state);
  const max = groupDevicesMax[stateSuite(state)];
  if (leaves.length > max) return refuse('members', 'welcome.group', `has at most ${max} devices`);
  if (state.privatePath.leafIndex === ownerLeaf)
    return refuse('member', 'welcome.group', "is another device's");
  for (const { leaf } of leaves) {
    const refusal = leafRefusal(leaf, 'welcome.leaf');
    if (refusal !== undefined) return refuse(refusal.code, refusal.where, refusal.rule);
  }
  return undefined;
}
