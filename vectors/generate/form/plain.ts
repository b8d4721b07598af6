// How values stand in vectors/*.json.
import { bytesToHex, type Result } from '@mycelium/protocol';

/** The same value with bytes as lower-case hexadecimal. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}

/** What a must-fail vector is refused with. One that is taken is a bug. */
export function refusalOf(result: Result<unknown>): { readonly where: string; readonly code: string } {
  if (result.ok) throw new Error('a must-fail vector was taken');
  return { where: result.refusal.where, code: result.refusal.code };
}
