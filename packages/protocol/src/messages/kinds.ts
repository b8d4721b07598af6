/** Numbers of message kinds (spec/messages.md). A kind that is not here is kept as it came and passed. */

import { messageKinds } from '../codes.ts';

export type MessageKindName = keyof typeof messageKinds;

const namesByNumber: ReadonlyMap<number, MessageKindName> = new Map(
  (Object.keys(messageKinds) as MessageKindName[]).map((name) => [messageKinds[name], name]),
);

/** Undefined: a kind of a newer version. */
export function messageKindName(kind: number): MessageKindName | undefined {
  return namesByNumber.get(kind);
}

/**
 * Kinds that the feed itself needs: they are not shown and have no place in the history. Everything else, unknown
 * kinds included, is kept for the person.
 */
export function isFeedKind(kind: number): boolean {
  return (
    kind >= 128 ||
    kind === messageKinds.receipt ||
    kind === messageKinds.typing ||
    kind === messageKinds.membership
  );
}
