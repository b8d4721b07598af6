/** What the page knows, as plain readonly data. Everything in it came from the node and is there again after a reload. */
import type { Contact, Conversation, Message, NodeStatus, SecurityEvent } from '@mycelium/api';
import type { LinkState } from '../connection/session.ts';

/** Messages of one conversation, oldest first: its end, as far back as was asked for. */
export interface Thread {
  readonly messages: readonly Message[];
  /** True: nothing is before the first one. */
  readonly complete: boolean;
}

export interface Model {
  readonly link: LinkState;
  readonly status: NodeStatus | undefined;
  readonly contacts: readonly Contact[];
  readonly conversations: readonly Conversation[];
  /** By conversation, of those that were opened. */
  readonly threads: Readonly<Record<string, Thread>>;
  /** What the person should know, newest first. */
  readonly warnings: readonly SecurityEvent[];
}

export const nothingKnown: Model = {
  link: 'connecting',
  status: undefined,
  contacts: [],
  conversations: [],
  threads: {},
  warnings: [],
};

export function contactOf(model: Model, conversation: string): Contact | undefined {
  return model.contacts.find((contact) => contact.conversation === conversation);
}
