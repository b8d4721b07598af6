/**
 * A case of a conformance suite, without a test framework: it throws when the contract is broken, so that the same
 * suite runs in Vitest and in a browser.
 */
import { assert, bytesToHex, hexToBytes } from '@mycelium/protocol';

export interface ConformanceCase<Subject, Ran extends void | Promise<void> = void> {
  readonly title: string;
  readonly run: (subject: Subject) => Ran;
}

export function fromHex(hex: string): Uint8Array {
  const bytes = hexToBytes(hex.replaceAll(' ', ''));
  assert(bytes !== undefined, 'a vector is hexadecimal');
  return bytes;
}

export function expectHex(actual: Uint8Array, expected: string): void {
  const wanted = expected.replaceAll(' ', '');
  if (bytesToHex(actual) !== wanted) throw new Error(`expected ${wanted}, got ${bytesToHex(actual)}`);
}

export function expectTrue(condition: boolean, what: string): void {
  if (!condition) throw new Error(`expected: ${what}`);
}
