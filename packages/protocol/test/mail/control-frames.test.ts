import {
  decodeControlFrame,
  encodeMailError,
  decodeMailError,
  mailErrorCodes,
  type MailErrorName,
} from '@mycelium/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brokenControls, controlSamples } from './control-samples.ts';

test.for(controlSamples)('$name is read as it was written', ({ value, frame, decode }) => {
  expect(decode(frame)).toEqual({ ok: true, value });
  expect(decodeControlFrame(frame)).toEqual({ ok: true, value });
});

test.for(controlSamples)('$name is refused with any other header', ({ frame, decode }) => {
  for (const [at, byte] of [
    [0, (frame[0] ?? 0) === 39 ? 20 : 39],
    [1, 0],
    [1, 2],
    [1, 0x11],
    [2, 0],
    [3, 0x20],
  ] as const) {
    const other = frame.slice();
    other[at] = byte;
    expect(decode(other).ok, `byte ${at} is ${byte}`).toBe(false);
  }
});

test.for(controlSamples)(
  '$name is refused when its padding is not zero, cut off, or followed by more',
  (sample) => {
    const { frame, decode, paddingAt } = sample;
    if (paddingAt !== undefined) {
      for (const at of [paddingAt, frame.length - 1]) {
        const other = frame.slice();
        other[at] = 1;
        expect(decode(other)).toMatchObject({ ok: false, refusal: { code: 'padding' } });
      }
    }
    expect(decode(frame.subarray(0, -1)).ok).toBe(false);
    expect(decode(Uint8Array.of(...frame, 0)).ok).toBe(false);
  },
);

test.for(brokenControls)('$why is refused', ({ frame }) => {
  expect(decodeControlFrame(frame).ok).toBe(false);
});

test('every error has its number, and an unknown number is kept as unknown', () => {
  const header = { route: new Uint8Array(16), requestId: new Uint8Array(12) };
  for (const name of Object.keys(mailErrorCodes) as MailErrorName[]) {
    const frame = encodeMailError({ ...header, name, retryAfterMs: 0 });
    expect(decodeMailError(frame)).toMatchObject({ ok: true, value: { name } });
    frame[32] = 200;
    expect(decodeMailError(frame)).toMatchObject({ ok: true, value: { name: undefined } });
  }
});

test('no change of bytes makes a decoder throw', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 24 });
  fc.assert(
    fc.property(
      fc.constantFrom(...controlSamples),
      fc.nat(4096),
      bytes,
      ({ frame, decode }, where, noise) => {
        const other = frame.slice();
        const at = where % Math.max(1, other.length - noise.length);
        other.set(noise, at);
        const result = decode(other);
        expect(typeof result.ok).toBe('boolean');
      },
    ),
    { numRuns: 300 },
  );
});
