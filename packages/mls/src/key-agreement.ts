/** `KeyAgreement` over the patched ts-mls (patches/README.md). Each call is one file of this folder. */
import { accept, assert, type KeyAgreement, unwrap } from '@mycelium/protocol';
import { createGroup, mlsExporter } from 'ts-mls';
import { createCipherSuite } from './cipher-suite.ts';
import { commitAdd, commitRefresh, commitRemove, type OwnerGroup } from './commit.ts';
import { decodeState, encodeState, leavesOf, stateSuite } from './group-state.ts';
import { intakeSuite, openIntake, sealIntake } from './intake.ts';
import { join } from './join.ts';
import type { MlsCrypto } from './kdf.ts';
import { encodeOwn, generateOwn, inspect } from './key-package.ts';
import { clientConfig, memberOf } from './leaf.ts';
import { processCommit, pskIdsIn, readCommit } from './process.ts';

const exportedBytes = 32;

export function createKeyAgreement(crypto: MlsCrypto): KeyAgreement {
  const suites = { xwing: createCipherSuite('xwing', crypto), x25519: createCipherSuite('x25519', crypto) };
  const intake = intakeSuite(crypto);
  const groupOf = (bytes: Uint8Array): OwnerGroup => {
    const state = decodeState(bytes);
    return { state, cipherSuite: suites[stateSuite(state)] };
  };
  return {
    createKeyPackage: async (suite, leaf) => encodeOwn(await generateOwn(leaf, suites[suite])),
    inspectKeyPackage: async (keyPackage) => {
      const inspected = await inspect(keyPackage, suites);
      if (!inspected.ok) return inspected;
      const { suite, certificate, deviceKey } = inspected.value;
      return accept({ suite, certificate, deviceKey });
    },
    createGroup: async (suite, groupId, leaf) => {
      const { publicPackage, privatePackage } = await generateOwn(leaf, suites[suite]);
      return encodeState(
        await createGroup(groupId, publicPackage, privatePackage, [], suites[suite], clientConfig),
      );
    },
    add: async (state, keyPackages) => {
      const inspected = await Promise.all(keyPackages.map((keyPackage) => inspect(keyPackage, suites)));
      return commitAdd(groupOf(state), inspected.map(unwrap));
    },
    remove: async (state, devices) => commitRemove(groupOf(state), devices),
    refresh: async (state, psks) => commitRefresh(groupOf(state), psks),
    join: (welcome, pair) => join(welcome, pair, suites),
    process: async (bytes, commit, psks) => {
      const { state, cipherSuite } = groupOf(bytes);
      return processCommit(state, commit, psks, cipherSuite);
    },
    pskIdsOf: (commit) => {
      const read = readCommit(commit);
      return read.ok ? accept(pskIdsIn(read.value)) : read;
    },
    epoch: (state) => decodeState(state).groupContext.epoch,
    members: (state) =>
      leavesOf(decodeState(state)).map(({ leaf }) => {
        const member = memberOf(leaf);
        assert(member !== undefined, 'every leaf of a group that we joined has a certificate');
        return member;
      }),
    exporter: (bytes, label, context) => {
      const { state, cipherSuite } = groupOf(bytes);
      return mlsExporter(state.keySchedule.exporterSecret, label, context, exportedBytes, cipherSuite);
    },
    withoutExporter: (bytes) => {
      const state = decodeState(bytes);
      const exporterSecret = new Uint8Array(state.keySchedule.exporterSecret.length);
      return encodeState({ ...state, keySchedule: { ...state.keySchedule, exporterSecret } });
    },
    createIntakeKey: (seed) => {
      const secretKey = intake.kem.derive(seed);
      return Promise.resolve({ publicKey: intake.kem.publicKey(secretKey), secretKey });
    },
    sealIntake: async (publicKey, associated, plaintext) =>
      sealIntake(intake, publicKey, associated, plaintext),
    openIntake: async (secretKey, associated, sealed) => openIntake(intake, secretKey, associated, sealed),
  };
}
