/**
 * A claim that nodes refuse because eight others of more work are there (spec/directory.md, "Squatters"): it is worked on
 * until it has more than the least of them, up to a bound, in pieces between which everything else goes on.
 */
import {
  bytesEqual,
  bytesToHex,
  claimsPerLocatorMax,
  claimWorkBitsMax,
  decodeClaimRecord,
  raiseClaimWork,
  type ClaimRecord,
} from '@mycelium/protocol';
import type { ClientPorts } from '../ports.ts';
import { pause } from './deadline.ts';

type Ports = Pick<ClientPorts, 'clock' | 'directory' | 'primitives'>;
type Published = Awaited<ReturnType<ClientPorts['directory']['publish']>>;

export interface OwnRecord {
  readonly locator: Uint8Array;
  readonly record: Uint8Array;
  readonly directorySeed: Uint8Array;
}

/** Some 10 ms. */
const triesAtOnce = 8_192;
/** Whoever outbids us while we work is outbid again, so often. */
const roundsMax = 3;

export async function publishAgainstCrowd(ports: Ports, own: OwnRecord): Promise<Published> {
  let { record } = own;
  let outcome = await ports.directory.publish(own.locator, record);
  for (let round = 0; round < roundsMax && outcome.refused.includes('crowded'); round += 1) {
    const workBits = await bitsNeeded(ports, own);
    if (workBits > claimWorkBitsMax) break;
    record = await raised(ports, { ...own, record }, workBits);
    outcome = await ports.directory.publish(own.locator, record);
  }
  return outcome;
}

/** One more than the least of the eight of other keys that have most. */
async function bitsNeeded({ directory, primitives }: Ports, own: OwnRecord): Promise<number> {
  const ours = primitives.ed25519PublicKey(own.directorySeed);
  const bitsByKey = new Map<string, number>();
  for (const bytes of await directory.lookUp(own.locator)) {
    const decoded = decodeClaimRecord(primitives, bytes);
    if (!decoded.ok || !isRival(decoded.value, own.locator, ours)) continue;
    const key = bytesToHex(decoded.value.directoryKey);
    bitsByKey.set(key, Math.max(bitsByKey.get(key) ?? 0, decoded.value.workBits));
  }
  const bits = [...bitsByKey.values()].toSorted((left, right) => right - left);
  return (bits[claimsPerLocatorMax - 1] ?? bits.at(-1) ?? 0) + 1;
}

function isRival(record: ClaimRecord, locator: Uint8Array, ours: Uint8Array): boolean {
  return bytesEqual(record.locator, locator) && !bytesEqual(record.directoryKey, ours);
}

async function raised(
  { clock, primitives }: Ports,
  { record, directorySeed }: OwnRecord,
  workBits: number,
): Promise<Uint8Array> {
  for (let from = 0; ; from += triesAtOnce) {
    const wish = { record, directorySeed, workBits, from, tries: triesAtOnce };
    const found = raiseClaimWork(primitives, wish);
    if (found !== undefined) return found;
    await pause(clock, 0);
  }
}
