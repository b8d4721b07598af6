/** The public MLS test vectors for the registered one of our suites, through our provider and the patched library. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { hexToBytes } from '@mycelium/protocol';
import {
  bytesToBase64,
  type ClientState,
  decodeMlsMessage,
  defaultLifetimeConfig,
  emptyPskIndex,
  joinGroup,
  makePskIndex,
  mlsExporter,
  processMessage,
  type PskIndex,
} from 'ts-mls';
import { refhash } from 'ts-mls/crypto/hash.js';
import { decryptWithLabel, encryptWithLabel } from 'ts-mls/crypto/hpke.js';
import { deriveSecret, deriveTreeSecret, expandWithLabel } from 'ts-mls/crypto/kdf.js';
import { signWithLabel, verifyWithLabel } from 'ts-mls/crypto/signature.js';
import { decodeGroupContext } from 'ts-mls/groupContext.js';
import { initializeEpoch } from 'ts-mls/keySchedule.js';
import { verifyParentHashes } from 'ts-mls/parentHash.js';
import { computePskSecret } from 'ts-mls/presharedkey.js';
import { decodeRatchetTree, resolution } from 'ts-mls/ratchetTree.js';
import { treeHash } from 'ts-mls/treeHash.js';
import { toNodeIndex } from 'ts-mls/treemath.js';
import {
  acceptAll,
  defaultAuthenticationService,
  defaultKeyPackageEqualityConfig,
  defaultKeyRetentionConfig,
  defaultPaddingConfig,
} from 'ts-mls';
import { expect, test, type TestContext } from 'vitest';
import { createCipherSuite } from '../src/cipher-suite.ts';
import { crypto } from './actors.ts';

const suite = createCipherSuite('x25519', crypto);
const registered = 3;
const folder = path.join(import.meta.dirname, '../../../../shared/vectors/mls');

interface Json {
  readonly [name: string]: Json;
}

const list = (value: Json | undefined): readonly Json[] => value as unknown as readonly Json[];
const text = (value: Json | undefined): string => value as unknown as string;

function load(name: string, context: TestContext): readonly Json[] {
  const file = path.join(folder, `${name}.json`);
  if (!existsSync(file)) context.skip('there is no ../shared/vectors here');
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as readonly Json[];
  return vectors.filter((vector) => Number(vector['cipher_suite']) === registered);
}

function hex(value: Json | undefined): Uint8Array {
  const bytes = hexToBytes(text(value));
  if (bytes === undefined) throw new Error('hexadecimal');
  return bytes;
}

test('crypto-basics.json', async (context) => {
  for (const vector of load('crypto-basics', context)) {
    const { derive_secret: derived, derive_tree_secret: tree, expand_with_label: expanded } = vector;
    expect(await deriveSecret(hex(derived!['secret']), text(derived!['label']), suite.kdf)).toEqual(
      hex(derived!['out']),
    );
    const { secret, label, generation, length } = tree!;
    expect(
      await deriveTreeSecret(hex(secret), text(label), Number(generation), Number(length), suite.kdf),
    ).toEqual(hex(tree!['out']));
    const wide = expanded!;
    expect(
      await expandWithLabel(
        hex(wide['secret']),
        text(wide['label']),
        hex(wide['context']),
        Number(wide['length']),
        suite.kdf,
      ),
    ).toEqual(hex(wide['out']));
    const reference = vector['ref_hash']!;
    expect(await refhash(text(reference['label']), hex(reference['value']), suite.hash)).toEqual(
      hex(reference['out']),
    );
    const signed = vector['sign_with_label']!;
    const [key, content] = [hex(signed['pub']), hex(signed['content'])];
    expect(
      await verifyWithLabel(key, text(signed['label']), content, hex(signed['signature']), suite.signature),
    ).toBe(true);
    const ours = await signWithLabel(hex(signed['priv']), text(signed['label']), content, suite.signature);
    expect(ours).toEqual(hex(signed['signature']));
    const sealed = vector['encrypt_with_label']!;
    const privateKey = await suite.hpke.importPrivateKey(hex(sealed['priv']));
    const publicKey = await suite.hpke.importPublicKey(hex(sealed['pub']));
    const open = (enc: Uint8Array, ct: Uint8Array): Promise<Uint8Array> =>
      decryptWithLabel(privateKey, text(sealed['label']), hex(sealed['context']), enc, ct, suite.hpke);
    expect(await open(hex(sealed['kem_output']), hex(sealed['ciphertext']))).toEqual(
      hex(sealed['plaintext']),
    );
    const again = await encryptWithLabel(
      publicKey,
      text(sealed['label']),
      hex(sealed['context']),
      hex(sealed['plaintext']),
      suite.hpke,
    );
    expect(await open(again.enc, again.ct)).toEqual(hex(sealed['plaintext']));
  }
});

test('key-schedule.json', async (context) => {
  for (const vector of load('key-schedule', context)) {
    let initSecret = hex(vector['initial_init_secret']);
    for (const epoch of list(vector['epochs'])) {
      const groupContext = decodeGroupContext(hex(epoch['group_context']), 0)![0];
      const secrets = await initializeEpoch(
        initSecret,
        hex(epoch['commit_secret']),
        groupContext,
        hex(epoch['psk_secret']),
        suite.kdf,
      );
      const { keySchedule } = secrets;
      expect(secrets.joinerSecret).toEqual(hex(epoch['joiner_secret']));
      expect(secrets.welcomeSecret).toEqual(hex(epoch['welcome_secret']));
      expect(keySchedule.exporterSecret).toEqual(hex(epoch['exporter_secret']));
      expect(keySchedule.membershipKey).toEqual(hex(epoch['membership_key']));
      expect(keySchedule.confirmationKey).toEqual(hex(epoch['confirmation_key']));
      expect(keySchedule.epochAuthenticator).toEqual(hex(epoch['epoch_authenticator']));
      const external = await suite.hpke.deriveKeyPair(keySchedule.externalSecret);
      expect(await suite.hpke.exportPublicKey(external.publicKey)).toEqual(hex(epoch['external_pub']));
      const { label, context: exported, length, secret } = epoch['exporter']!;
      expect(
        await mlsExporter(keySchedule.exporterSecret, text(label), hex(exported), Number(length), suite),
      ).toEqual(hex(secret));
      initSecret = keySchedule.initSecret;
    }
  }
});

test('psk_secret.json', async (context) => {
  for (const vector of load('psk_secret', context)) {
    const psks = list(vector['psks']).map((psk): Parameters<typeof computePskSecret>[0][number] => [
      { psktype: 'external', pskId: hex(psk['psk_id']), pskNonce: hex(psk['psk_nonce']) },
      hex(psk['psk']),
    ]);
    expect(await computePskSecret(psks, suite)).toEqual(hex(vector['psk_secret']));
  }
});

test('tree-validation.json', async (context) => {
  for (const vector of load('tree-validation', context)) {
    const tree = decodeRatchetTree(hex(vector['tree']), 0)![0];
    for (const [at, resolved] of list(vector['resolutions']).entries()) {
      expect(resolution(tree, toNodeIndex(at))).toEqual(resolved);
      expect(await treeHash(tree, toNodeIndex(at), suite.hash)).toEqual(hex(list(vector['tree_hashes'])[at]));
    }
    expect(await verifyParentHashes(tree, suite.hash)).toBe(true);
  }
});

const anyClient = {
  authService: defaultAuthenticationService,
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  keyRetentionConfig: defaultKeyRetentionConfig,
  lifetimeConfig: { ...defaultLifetimeConfig, validateLifetimeOnReceive: false },
  paddingConfig: defaultPaddingConfig,
};

async function join(vector: Json, psks: PskIndex): Promise<ClientState> {
  const welcome = decodeMlsMessage(hex(vector['welcome']), 0)![0];
  const keyPackage = decodeMlsMessage(hex(vector['key_package']), 0)![0];
  if (welcome.wireformat !== 'mls_welcome' || keyPackage.wireformat !== 'mls_key_package')
    throw new Error('kinds');
  const secrets = {
    initPrivateKey: hex(vector['init_priv']),
    hpkePrivateKey: hex(vector['encryption_priv']),
    signaturePrivateKey: hex(vector['signature_priv']),
  };
  const tree =
    vector['ratchet_tree'] === null ? undefined : decodeRatchetTree(hex(vector['ratchet_tree']), 0)![0];
  return joinGroup(welcome.welcome, keyPackage.keyPackage, secrets, psks, suite, tree, undefined, anyClient);
}

test.for(['passive-client-welcome', 'passive-client-handling-commit'])('%s.json', async (name, context) => {
  for (const vector of load(name, context)) {
    const psks = Object.fromEntries(
      list(vector['external_psks']).map((psk) => [bytesToBase64(hex(psk['psk_id'])), hex(psk['psk'])]),
    );
    let state = await join(vector, makePskIndex(undefined, psks));
    expect(state.keySchedule.epochAuthenticator).toEqual(hex(vector['initial_epoch_authenticator']));
    for (const epoch of list(vector['epochs'])) {
      for (const bytes of [...list(epoch['proposals']), epoch['commit']]) {
        const message = decodeMlsMessage(hex(bytes), 0)![0];
        if (message.wireformat !== 'mls_public_message' && message.wireformat !== 'mls_private_message') {
          throw new Error('a commit or proposal');
        }
        const index = psks === undefined ? emptyPskIndex : makePskIndex(state, psks);
        ({ newState: state } = await processMessage(message, state, index, acceptAll, suite));
      }
      expect(state.keySchedule.epochAuthenticator).toEqual(hex(epoch['epoch_authenticator']));
    }
  }
});
