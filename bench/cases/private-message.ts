/** Two members of an MLS group of ts-mls, with the cipher suite that our feeds use above 100 devices. */
import {
  createApplicationMessage,
  createCommit,
  createGroup,
  decodeMlsMessage,
  defaultCapabilities,
  defaultLifetime,
  emptyPskIndex,
  encodeMlsMessage,
  generateKeyPackage,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  processPrivateMessage,
} from 'ts-mls';

const suiteName = 'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519';

/** Seals at Alice, opens at Bob, one message after the other. */
export async function createPrivateMessages(): Promise<(plain: Uint8Array) => Promise<number>> {
  const suite = await getCiphersuiteImpl(getCiphersuiteFromName(suiteName));
  const member = (name: string) =>
    generateKeyPackage(
      { credentialType: 'basic', identity: new TextEncoder().encode(name) },
      defaultCapabilities(),
      defaultLifetime,
      [],
      suite,
    );
  const [alice, bob] = await Promise.all([member('alice'), member('bob')]);
  let aliceState = await createGroup(
    new Uint8Array(16),
    alice.publicPackage,
    alice.privatePackage,
    [],
    suite,
  );
  const commit = await createCommit(
    { state: aliceState, cipherSuite: suite },
    { extraProposals: [{ proposalType: 'add', add: { keyPackage: bob.publicPackage } }] },
  );
  if (commit.welcome === undefined) throw new Error('an added member is welcomed');
  aliceState = commit.newState;
  let bobState = await joinGroup(
    commit.welcome,
    bob.publicPackage,
    bob.privatePackage,
    emptyPskIndex,
    suite,
    aliceState.ratchetTree,
  );
  return async (plain) => {
    const sealed = await createApplicationMessage(aliceState, plain, suite);
    aliceState = sealed.newState;
    const bytes = encodeMlsMessage({
      privateMessage: sealed.privateMessage,
      wireformat: 'mls_private_message',
      version: 'mls10',
    });
    const message = decodeMlsMessage(bytes, 0)?.[0];
    if (message?.wireformat !== 'mls_private_message') throw new Error('it is what was written');
    const opened = await processPrivateMessage(bobState, message.privateMessage, emptyPskIndex, suite);
    bobState = opened.newState;
    if (opened.kind !== 'applicationMessage') throw new Error('it is a message');
    return opened.message.length;
  };
}
