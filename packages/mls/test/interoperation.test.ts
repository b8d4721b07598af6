/** Our provider against the stock one of ts-mls (@hpke, noble): the same bytes, both ways. */
import { unwrap } from '@mycelium/protocol';
import {
  createCommit,
  defaultCryptoProvider,
  encodeMlsMessage,
  getCiphersuiteFromName,
  joinGroup,
  makePskIndex,
} from 'ts-mls';
import { expect, test } from 'vitest';
import { createCipherSuite, suiteNames } from '../src/cipher-suite.ts';
import { decodeState, encodeState } from '../src/group-state.ts';
import { decodeOwn } from '../src/key-package.ts';
import { clientConfig } from '../src/leaf.ts';
import { decodeMessage } from '../src/mls-message.ts';
import { agreement, crypto, device, exporterOf, groupOf } from './actors.ts';

const info = new TextEncoder().encode('info');
const associated = new TextEncoder().encode('associated');
const plaintext = new TextEncoder().encode('plaintext');

test.for(['xwing', 'x25519'] as const)(
  '%s: HPKE, keys and hashes agree with the stock provider',
  async (suite) => {
    const ours = createCipherSuite(suite, crypto);
    const stock = await defaultCryptoProvider.getCiphersuiteImpl(getCiphersuiteFromName(suiteNames[suite]));
    const material = new Uint8Array(64).fill(5);
    const [mine, theirs] = [
      await ours.hpke.deriveKeyPair(material),
      await stock.hpke.deriveKeyPair(material),
    ];
    const publicKey = await ours.hpke.exportPublicKey(mine.publicKey);
    expect(await stock.hpke.exportPublicKey(theirs.publicKey)).toEqual(publicKey);
    expect(await stock.hpke.exportPrivateKey(theirs.privateKey)).toEqual(
      await ours.hpke.exportPrivateKey(mine.privateKey),
    );
    const fromOurs = await ours.hpke.seal(mine.publicKey, plaintext, info, associated);
    expect(await stock.hpke.open(theirs.privateKey, fromOurs.enc, fromOurs.ct, info, associated)).toEqual(
      plaintext,
    );
    const fromStock = await stock.hpke.seal(theirs.publicKey, plaintext, info, associated);
    expect(await ours.hpke.open(mine.privateKey, fromStock.enc, fromStock.ct, info, associated)).toEqual(
      plaintext,
    );
    await expect(ours.hpke.open(mine.privateKey, fromStock.enc, fromStock.ct, associated)).rejects.toThrow(
      'open',
    );
    const exported = await stock.hpke.exportSecret(theirs.publicKey, info, 40, associated);
    expect(await ours.hpke.importSecret(mine.privateKey, info, exported.enc, 40, associated)).toEqual(
      exported.secret,
    );
    expect(await ours.hash.digest(info)).toEqual(await stock.hash.digest(info));
    expect(await ours.hash.mac(associated, info)).toEqual(await stock.hash.mac(associated, info));
    const salt = new Uint8Array(ours.kdf.size).fill(6);
    const secret = await stock.kdf.extract(salt, info);
    expect(await ours.kdf.extract(salt, info)).toEqual(secret);
    expect(await ours.kdf.expand(secret, info, 150)).toEqual(await stock.kdf.expand(secret, info, 150));
  },
);

test.for(['xwing', 'x25519'] as const)(
  '%s: a member with the stock provider follows a group with ours',
  async (suite) => {
    const stock = await defaultCryptoProvider.getCiphersuiteImpl(getCiphersuiteFromName(suiteNames[suite]));
    const { owner } = await groupOf(suite, 'alice', ['bob']);
    const pair = await agreement.createKeyPackage(suite, device('carol'));
    const { state, welcome } = await agreement.add(owner, [pair.keyPackage]);
    const own = decodeOwn(pair);
    const { welcome: decoded } = unwrap(decodeMessage(welcome!, 'mls_welcome', 'welcome'));
    const psks = makePskIndex(undefined, {});
    const joined = await joinGroup(
      decoded,
      own.publicPackage,
      own.privatePackage,
      psks,
      stock,
      undefined,
      undefined,
      clientConfig,
    );
    expect(await exporterOf(encodeState(joined))).toBe(await exporterOf(state));
    const committed = await createCommit(
      { state: decodeState(state), cipherSuite: stock },
      { wireAsPublicMessage: true },
    );
    const followed = unwrap(
      await agreement.process(encodeState(joined), encodeMlsMessage(committed.commit), []),
    );
    expect(await exporterOf(followed.state)).toBe(await exporterOf(encodeState(committed.newState)));
  },
);
