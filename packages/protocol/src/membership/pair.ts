/**
 * The conversation of two accounts (spec/membership.md, "Pair"): its members are fixed and its id follows from them,
 * so both sides know it without asking, and two who begin at the same moment begin the same one.
 */
import type { AccountId, ConversationId } from '../brands.ts';
import { compareBytes } from '../bytes/compare.ts';
import { encodeUtf8 } from '../bytes/writer.ts';
import type { Primitives } from '../primitives.ts';

const pairContext = encodeUtf8('mycelium pair 1\0');

export function pairConversationId(
  primitives: Primitives,
  left: AccountId,
  right: AccountId,
): ConversationId {
  const [first, second] = compareBytes(left, right) <= 0 ? [left, right] : [right, left];
  return primitives.sha256(pairContext, first, second) as ConversationId;
}
