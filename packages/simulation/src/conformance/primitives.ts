/**
 * The contract of `Primitives`, as cases that every implementation runs. Without a test framework, so that a
 * browser can run them too: a case throws when the contract is broken. Sources: RFC 8439, 8032, 5869, 4231, 9106 and
 * FIPS 180-4 inline; Wycheproof and CCTV from `wycheproof.ts` when their files are there.
 */
import { bytesToHex, encodeUtf8, type Primitives } from '@mycelium/protocol';
import { type ConformanceCase, expectHex, expectTrue, fromHex } from './case.ts';

const hashCases: readonly ConformanceCase<Primitives>[] = [
  {
    title: 'SHA-256 of "abc" (FIPS 180-4), in one part or many',
    run: ({ sha256 }) => {
      const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
      expectHex(sha256(encodeUtf8('abc')), digest);
      expectHex(sha256(encodeUtf8('a'), encodeUtf8(''), encodeUtf8('bc')), digest);
      expectHex(sha256(), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    },
  },
  {
    title: 'SHA-256 of a million times "a" (FIPS 180-4)',
    run: ({ sha256 }) => {
      const digest = 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0';
      expectHex(sha256(new Uint8Array(1_000_000).fill(0x61)), digest);
    },
  },
  {
    title: 'HMAC-SHA-256 (RFC 4231, case 2)',
    run: ({ hmacSha256 }) => {
      const tag = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
      expectHex(hmacSha256(encodeUtf8('Jefe'), encodeUtf8('what do ya want for nothing?')), tag);
      expectHex(
        hmacSha256(encodeUtf8('Jefe'), encodeUtf8('what do ya '), encodeUtf8('want for nothing?')),
        tag,
      );
    },
  },
  {
    title: 'HKDF-SHA-256 (RFC 5869, case 1)',
    run: ({ hkdf }) => {
      const key = hkdf(
        new Uint8Array(22).fill(0x0b),
        fromHex('000102030405060708090a0b0c'),
        fromHex('f0f1f2f3f4f5f6f7f8f9'),
        42,
      );
      expectHex(key, '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
    },
  },
];

const signatureCases: readonly ConformanceCase<Primitives>[] = [
  {
    title: 'Ed25519 signs and verifies (RFC 8032 §7.1, test 3)',
    run: ({ ed25519PublicKey, ed25519Sign, ed25519Verify }) => {
      const seed = fromHex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7');
      const publicKey = ed25519PublicKey(seed);
      expectHex(publicKey, 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025');
      const signature = ed25519Sign(seed, fromHex('af82'));
      expectHex(
        signature,
        '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
      );
      expectTrue(ed25519Verify(publicKey, fromHex('af82'), signature), 'the signature verifies');
      expectTrue(!ed25519Verify(publicKey, fromHex('af83'), signature), 'another message does not');
    },
  },
  {
    title: 'Ed25519 verification answers false for wrong lengths and never throws',
    run: ({ ed25519Verify }) => {
      for (const [keyBytes, signatureBytes] of [
        [0, 64],
        [31, 64],
        [33, 64],
        [32, 0],
        [32, 63],
        [32, 65],
      ] as const) {
        const verified = ed25519Verify(
          new Uint8Array(keyBytes),
          new Uint8Array(1),
          new Uint8Array(signatureBytes),
        );
        expectTrue(!verified, `${keyBytes}-byte key and ${signatureBytes}-byte signature are refused`);
      }
    },
  },
  {
    title: 'Ed25519 verification refuses non-canonical y and the neutral element',
    run: ({ ed25519Verify }) => {
      const signature = new Uint8Array(64);
      signature[0] = 1;
      for (let low = 0xed; low <= 0xff; low += 1) {
        const key = new Uint8Array(32).fill(0xff);
        key[0] = low;
        expectTrue(!ed25519Verify(key, new Uint8Array(1), signature), 'y ≥ p is refused, sign bit set');
        key[31] = 0x7f;
        expectTrue(!ed25519Verify(key, new Uint8Array(1), signature), 'y ≥ p is refused');
      }
      const neutral = new Uint8Array(32);
      neutral[0] = 1;
      expectTrue(!ed25519Verify(neutral, new Uint8Array(1), signature), 'A of order one is refused');
    },
  },
];

const sunscreen = encodeUtf8(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
);
const sunscreenKey = fromHex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f');
const sunscreenNonce = fromHex('070000004041424344454647');
const sunscreenAssociated = fromHex('50515253c0c1c2c3c4c5c6c7');

const cipherCases: readonly ConformanceCase<Primitives>[] = [
  {
    title: 'one ChaCha20 block under a zero key (RFC 8439, appendix A.1, vector 1)',
    run: ({ chacha20Block }) =>
      expectHex(
        chacha20Block(new Uint8Array(32)),
        '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586',
      ),
  },
  {
    title: 'ChaCha20-Poly1305 (RFC 8439 §2.8.2), also in place',
    run: ({ seal, open }) => {
      const sealed = new Uint8Array(sunscreen.length + 16);
      seal(sealed, sunscreen, sunscreenAssociated, sunscreenNonce, sunscreenKey);
      expectHex(sealed.slice(0, 16), 'd31a8d34648e60db7b86afbc53ef7ec2');
      expectHex(sealed.slice(-16), '1ae10b594f09e26a7e902ecbd0600691');
      const inPlace = new Uint8Array(sunscreen.length + 16);
      inPlace.set(sunscreen);
      seal(inPlace, inPlace.subarray(0, sunscreen.length), sunscreenAssociated, sunscreenNonce, sunscreenKey);
      expectHex(inPlace, bytesToHex(sealed));
      const opened = new Uint8Array(sunscreen.length);
      expectTrue(open(opened, sealed, sunscreenAssociated, sunscreenNonce, sunscreenKey), 'it opens');
      expectHex(opened, bytesToHex(sunscreen));
    },
  },
  {
    title: 'opening refuses any flipped bit and leaves zeros',
    run: ({ seal, open }) => {
      const sealed = new Uint8Array(sunscreen.length + 16);
      seal(sealed, sunscreen, sunscreenAssociated, sunscreenNonce, sunscreenKey);
      for (let at = 0; at < sealed.length; at += 1) {
        const flipped = sealed.slice();
        flipped[at] = (flipped[at] ?? 0) ^ 1;
        const out = new Uint8Array(sunscreen.length).fill(7);
        expectTrue(
          !open(out, flipped, sunscreenAssociated, sunscreenNonce, sunscreenKey),
          `bit of byte ${at}`,
        );
        expectTrue(
          out.every((byte) => byte === 0),
          'out is zero',
        );
      }
      expectTrue(
        !open(new Uint8Array(0), new Uint8Array(15), sunscreenAssociated, sunscreenNonce, sunscreenKey),
        'short',
      );
    },
  },
];

/** Computed with OpenSSL 3.5, one lane, 64 KiB, two passes. */
const ARGON2ID_KEY = '1a98fba8e6394425c9bdc333a9c750aaf811df070f5fb4a5788e1cf4db5793a1';

const otherCases: readonly ConformanceCase<Primitives>[] = [
  {
    title: 'Argon2id is version 1.3 with one lane and depends on every argument',
    run: ({ argon2id }) => {
      const password = encodeUtf8('password');
      const salt = encodeUtf8('somesaltsomesalt');
      const key = argon2id(password, salt, 65_536, 2, 32);
      expectHex(key, ARGON2ID_KEY);
      for (const other of [
        argon2id(encodeUtf8('Password'), salt, 65_536, 2, 32),
        argon2id(password, encodeUtf8('somesaltsomesalu'), 65_536, 2, 32),
        argon2id(password, salt, 131_072, 2, 32),
        argon2id(password, salt, 65_536, 3, 32),
      ]) {
        expectTrue(bytesToHex(other) !== ARGON2ID_KEY, 'another key');
      }
    },
  },
  {
    title: 'equal compares content and answers false for other lengths',
    run: ({ equal }) => {
      expectTrue(equal(fromHex('0102'), fromHex('0102')), 'the same bytes');
      expectTrue(!equal(fromHex('0102'), fromHex('0103')), 'other bytes');
      expectTrue(!equal(fromHex('0102'), fromHex('010203')), 'another length');
      expectTrue(equal(new Uint8Array(0), new Uint8Array(0)), 'nothing and nothing');
    },
  },
  {
    title: 'wipe overwrites with zeros, and only the view',
    run: ({ wipe }) => {
      const whole = new Uint8Array(8).fill(9);
      wipe(whole.subarray(2, 4), new Uint8Array(0));
      expectHex(whole, '0909000009090909');
    },
  },
];

export const primitivesCases: readonly ConformanceCase<Primitives>[] = [
  ...hashCases,
  ...signatureCases,
  ...cipherCases,
  ...otherCases,
];
