/** How what the node says changes what the page knows. Pure: model in, model out. */
import type { Message, MessageEvent, ReceiptEvent, SecurityEvent } from '@mycelium/api';
import type { Model, Thread } from './model.ts';

const warningsMax = 20;
/** Kept of one conversation; scrolling back asks again. */
const messagesMax = 2_000;

export function messageCame(model: Model, event: MessageEvent): Model {
  const { id, conversation, from, text, kind, sent } = event;
  const message: Message = {
    id,
    conversation,
    from,
    text,
    kind,
    time: sent,
    state: 'received',
    gapBefore: false,
  };
  return withMessage(model, message, 1);
}

/** Ours, or one that came. The same again replaces what was there. */
export function withMessage(model: Model, message: Message, unread = 0): Model {
  const { conversation } = message;
  const thread = model.threads[conversation];
  const known = thread?.messages.some(({ id }) => id === message.id) ?? false;
  const threads =
    thread === undefined ? model.threads : { ...model.threads, [conversation]: put(thread, message) };
  const conversations = model.conversations.map((one) =>
    one.conversation === conversation && !known
      ? { ...one, last: message, unread: one.unread + unread }
      : one,
  );
  const newestFirst = conversations.toSorted(
    (left, right) => (right.last?.time ?? 0) - (left.last?.time ?? 0),
  );
  return { ...model, threads, conversations: newestFirst };
}

function put(thread: Thread, message: Message): Thread {
  const at = thread.messages.findIndex(({ id }) => id === message.id);
  if (at >= 0) return { ...thread, messages: thread.messages.with(at, message) };
  const messages = [...thread.messages, message];
  if (messages.length <= messagesMax) return { ...thread, messages };
  return { messages: messages.slice(-messagesMax), complete: false };
}

const order: readonly Message['state'][] = ['held', 'failed', 'queued', 'stored', 'delivered', 'read'];

/** States go forward only, whatever order they come in; *failed* may be taken back by a later one. */
export function receiptCame(model: Model, { id, conversation, state }: ReceiptEvent): Model {
  const moved = (message: Message): Message =>
    message.id === id && (state === 'failed' || order.indexOf(state) > order.indexOf(message.state))
      ? { ...message, state }
      : message;
  const thread = model.threads[conversation];
  const threads =
    thread === undefined
      ? model.threads
      : { ...model.threads, [conversation]: { ...thread, messages: thread.messages.map(moved) } };
  const conversations = model.conversations.map((one) =>
    one.conversation === conversation && one.last !== undefined ? { ...one, last: moved(one.last) } : one,
  );
  return { ...model, threads, conversations };
}

export function olderCame(
  model: Model,
  conversation: string,
  older: readonly Message[],
  asked: number,
): Model {
  const thread = model.threads[conversation];
  if (thread === undefined) return model;
  const known = new Set(thread.messages.map(({ id }) => id));
  const messages = [...older.filter(({ id }) => !known.has(id)), ...thread.messages];
  const complete = older.length < asked;
  return { ...model, threads: { ...model.threads, [conversation]: { messages, complete } } };
}

/** The end of a conversation as it is now. */
export function newestCame(
  model: Model,
  conversation: string,
  newest: readonly Message[],
  asked: number,
): Model {
  const thread = { messages: newest, complete: newest.length < asked };
  return { ...model, threads: { ...model.threads, [conversation]: thread } };
}

export function wasRead(model: Model, conversation: string): Model {
  const conversations = model.conversations.map((one) =>
    one.conversation === conversation ? { ...one, unread: 0 } : one,
  );
  return { ...model, conversations };
}

export function warned(model: Model, event: SecurityEvent): Model {
  const others = model.warnings.filter(({ eventId }) => eventId !== event.eventId);
  return { ...model, warnings: [event, ...others].slice(0, warningsMax) };
}

export function warningSeen(model: Model, eventId: number): Model {
  return { ...model, warnings: model.warnings.filter((warning) => warning.eventId !== eventId) };
}
