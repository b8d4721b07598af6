/** Reads a card where it is said to be, within a time (spec/identity.md, "Cards"). */
import { bytesEqual, type CardPointer, type PeerAddress, type VerifiedCard } from '@mycelium/protocol';
import { cardQueue, openCard } from '../account/card.ts';
import type { ClientPorts } from '../ports.ts';
import { deadline } from './deadline.ts';

const readWithinMs = 15_000;

/** Undefined: nobody reachable has one that verifies. */
export async function readCard(
  ports: ClientPorts,
  pointer: CardPointer,
  relays: readonly PeerAddress[],
): Promise<VerifiedCard | undefined> {
  const limit = deadline(ports.clock, readWithinMs);
  try {
    const keys = cardQueue(ports.primitives, pointer);
    const read = await ports.mail.readOnce(keys, relays, limit.cancellation);
    if (read.kind !== 'read') return undefined;
    return openCard(ports.primitives, pointer, read.frames, ports.clock.nowMs());
  } finally {
    limit.clear();
  }
}

export function isOfAccount(card: VerifiedCard, accountId: Uint8Array): boolean {
  return bytesEqual(card.state.accountId, accountId);
}
