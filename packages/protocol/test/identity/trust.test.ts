import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  accountKeysOf,
  bytesToHex,
  compareVerifyCode,
  decodeVouches,
  encodeUtf8,
  formatVerifyCode,
  hexToBytes,
  keyPicture,
  keyPictureArt,
  keyPictureSvg,
  parseSpokenWords,
  parseVerifyCode,
  spokenWordLists,
  spokenWords,
  unwrap,
  verifyVouch,
  type AccountKey,
} from '@mycelium/protocol';
import { alice, bob } from './accounts.ts';
import { append, nowMs, primitives, seedOf } from './people.ts';
import { carol, carolsVouch, vouchesThatHold } from './vouches.ts';

test('the words are those of the PGP list: the example that everybody gives for it', () => {
  const fingerprint = hexToBytes('e58294f2e9a227486e8b061b31cc528fd7fa3f19') ?? new Uint8Array();
  const words = [...fingerprint].map((byte, place) => spokenWordLists[place % 2 === 0 ? 0 : 1][byte]);
  expect(words.join(' ')).toBe(
    'topmost istanbul pluto vagabond treadmill pacific brackish dictator goldfish medusa ' +
      'afflict bravado chatter revolver dupont midsummer stopwatch whimsical cowbell bottomless',
  );
});

test('another key of one of them changes nine of the words and leaves nine', () => {
  const before = spokenWords(primitives, alice.state, bob.state).split(' ');
  const rotated = { ...bob.state, accountKey: seedOf('another key') as AccountKey };
  const after = spokenWords(primitives, alice.state, rotated).split(' ');
  const same = before.map((word, at) => word === after[at]);
  const bobsHalf = same.slice(0, 9).every(Boolean) ? same.slice(9) : same.slice(0, 9);
  expect(same.filter(Boolean).length).toBeGreaterThanOrEqual(9);
  expect(bobsHalf.filter(Boolean).length).toBeLessThan(3);
});

test('two words that change places, or one that is left out, are noticed wherever they stand', () => {
  const words = spokenWords(primitives, alice.state, bob.state).split(' ');
  for (let at = 0; at + 1 < words.length; at += 1) {
    const swapped = words.with(at, words[at + 1]!).with(at + 1, words[at]!);
    expect(parseSpokenWords(swapped.join(' ')).ok).toBe(false);
    expect(parseSpokenWords(words.toSpliced(at, 1).join(' ')).ok).toBe(false);
    expect(parseSpokenWords(words.toSpliced(at, 1, '', 'aardvark').join(' ')).ok).toBe(at % 2 === 0);
  }
});

test('a code that is damaged anywhere never verifies', () => {
  const code = formatVerifyCode(primitives, bob.state, alice.state);
  for (let at = 0; at < code.length; at += 1) {
    const damaged = `${code.slice(0, at)}${code[at] === 'x' ? 'y' : 'x'}${code.slice(at + 1)}`;
    const read = parseVerifyCode(primitives, damaged);
    const said = read.ok && compareVerifyCode(primitives, read.value, alice.state, bob.state);
    expect(said).toBe(false);
  }
});

/**
 * Among so many keys two are alike in one set of 25 (a quarter have three threads, 35 bits); in this one, none. It takes
 * seconds, on a busy machine that is slower more.
 */
test('100,000 keys draw 100,000 pictures', { timeout: 180_000 }, () => {
  const seen = new Set<string>();
  for (let count = 0; count < 100_000; count += 1) {
    const picture = keyPicture(primitives, primitives.sha256(encodeUtf8(`key ${count}`)));
    seen.add(bytesToHex(primitives.sha256(encodeUtf8(keyPictureSvg(picture)))));
  }
  expect(seen.size).toBe(100_000);
});

test('a picture fits its box, and has no style, script or link', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      const picture = keyPicture(primitives, key);
      const svg = keyPictureSvg(picture);
      expect(svg).not.toMatch(/style|script|href|url|on[a-z]+=/);
      expect(picture.threads.length).toBeGreaterThanOrEqual(3);
      for (const { strokes, tip } of picture.threads) {
        for (const { x, y } of [...strokes.map(({ to }) => to), tip.at]) {
          expect(Number.isInteger(x) && Number.isInteger(y)).toBe(true);
          expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThan(picture.extent);
        }
      }
      const art = keyPictureArt(picture);
      expect(art.map((line) => line.length)).toEqual(Array.from({ length: 18 }, () => 36));
      expect(art[8]?.slice(17, 19)).toMatch(/^[^⠀]{2}$/u);
      const rings = svg.match(/fill="none" stroke="currentColor" stroke-width/g)?.length ?? 0;
      expect(picture.name).toContain(rings === 0 ? 'no rings' : `${rings} ring`);
    }),
    { numRuns: 200 },
  );
});

test('no bit of a vouch can be another', () => {
  const [{ vouch, voucher }] = vouchesThatHold() as [ReturnType<typeof vouchesThatHold>[0]];
  for (let bit = 0; bit < vouch.length * 8; bit += 1) {
    const changed = vouch.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    expect(verifyVouch(primitives, changed, voucher, nowMs).ok, `bit ${bit}`).toBe(false);
  }
});

test('any bytes are a vouch or a refusal, never more', () => {
  const [{ vouch }] = vouchesThatHold() as [ReturnType<typeof vouchesThatHold>[0]];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(vouch.length), (any, at) => {
      verifyVouch(primitives, any, carol.state, nowMs);
      verifyVouch(primitives, new Uint8Array([...vouch.subarray(0, at), ...any]), carol.state, nowMs);
      decodeVouches(any);
      parseVerifyCode(primitives, `mycelium:verify/${bytesToHex(any)}`);
    }),
    { numRuns: 200 },
  );
});

test('the keys of an account are those of its log, in order', () => {
  const seed = seedOf('bob, second');
  const accountKey = primitives.ed25519PublicKey(seed) as AccountKey;
  const rotated = append(bob.state, { kind: 'rotate-account-key', accountKey }, bob.accountSeed, seed);
  expect(accountKeysOf([...bob.log, rotated.entry])).toEqual([bob.state.accountKey, accountKey]);
  const taken = unwrap(verifyVouch(primitives, vouchesThatHold()[0]!.vouch, carol.state, nowMs));
  expect(accountKeysOf(bob.log)).toContainEqual(taken.accountKey);
  expect(taken).toEqual(carolsVouch);
});
