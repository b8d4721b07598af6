/**
 * Locators: where in the directory an address is on a day, and the key to what is there (spec/directory.md,
 * "Locators").
 */
import { concatBytes } from '../bytes/compare.ts';
import { ByteWriter, encodeUtf8 } from '../bytes/writer.ts';
import type { UserId } from '../brands.ts';
import { claimPeriodMs } from '../limits.ts';
import type { Primitives } from '../primitives.ts';

/** The day that a time is in: a u32. Who looks up asks for today's and the two beside it when clocks may differ. */
export function claimPeriod(nowMs: number): number {
  return Math.min(Math.max(Math.floor(nowMs / claimPeriodMs), 0), 0xffff_ffff);
}

/** The DHT key of an address in a period: 32 bytes. */
export function claimLocator(primitives: Primitives, userId: UserId, period: number): Uint8Array {
  return primitives.hkdf(userId, new Uint8Array(), periodInfo('mycelium locator 1', period), 32);
}

/** Seals the claims of an address in a period. Everybody who knows the address has it. */
export function claimKey(primitives: Primitives, userId: UserId, period: number): Uint8Array {
  return primitives.hkdf(userId, new Uint8Array(), periodInfo('mycelium claim key 1', period), 32);
}

/**
 * Ed25519 seed of an account's directory key in a period: all its devices have it, nodes cannot tie two days
 * together.
 */
export function directorySeed(
  primitives: Primitives,
  directorySecret: Uint8Array,
  period: number,
): Uint8Array {
  return primitives.hkdf(
    directorySecret,
    new Uint8Array(),
    periodInfo('mycelium directory key 1', period),
    32,
  );
}

function periodInfo(context: string, period: number): Uint8Array {
  return concatBytes(encodeUtf8(context), new ByteWriter(5).u8(0).u32(period).finish());
}
