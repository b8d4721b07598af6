import type { Message, ReceiptEvent } from '@mycelium/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageCame, newestCame, olderCame, receiptCame, withMessage } from '../src/state/changes.ts';
import { nothingKnown, type Model } from '../src/state/model.ts';

const conversation = 'c1';
const message = (id: string, over: Partial<Message> = {}): Message => ({
  id,
  conversation,
  from: 'bob@example.org',
  text: id,
  kind: 'text',
  time: Number.parseInt(id, 16),
  state: 'received',
  gapBefore: false,
  ...over,
});
const opened: Model = newestCame(
  { ...nothingKnown, conversations: [{ conversation, address: 'bob@example.org', unread: 0 }] },
  conversation,
  [message('1'), message('2')],
  2,
);
const ids = (model: Model): readonly string[] =>
  model.threads[conversation]?.messages.map(({ id }) => id) ?? [];

test('what comes stands at the end, once, and counts as unread', () => {
  const event = { ...message('3'), event: 'message', eventId: 9, sent: 3 } as const;
  const once = messageCame(opened, event);
  expect(ids(once)).toEqual(['1', '2', '3']);
  expect(once.conversations[0]).toMatchObject({ unread: 1, last: { id: '3' } });
  const twice = messageCame(once, event);
  expect(ids(twice)).toEqual(['1', '2', '3']);
  expect(twice.conversations[0]?.unread).toBe(1);
});

test('older ones stand before, without repetition; fewer than asked for are the beginning', () => {
  const older = olderCame(opened, conversation, [message('0'), message('1')], 2);
  expect(ids(older)).toEqual(['0', '1', '2']);
  expect(older.threads[conversation]?.complete).toBe(false);
  expect(olderCame(opened, conversation, [], 2).threads[conversation]?.complete).toBe(true);
});

test('receipts in any order leave a message in the state that is farthest', () => {
  const states = ['stored', 'delivered', 'read'] as const;
  fc.assert(
    fc.property(fc.shuffledSubarray([...states], { minLength: 1 }), (order) => {
      let model = withMessage(opened, message('3', { state: 'queued' }));
      for (const state of order) {
        const receipt: ReceiptEvent = { event: 'receipt', eventId: 1, time: 0, id: '3', conversation, state };
        model = receiptCame(model, receipt);
      }
      const farthest = states.findLast((state) => order.includes(state));
      expect(model.threads[conversation]?.messages.at(-1)?.state).toBe(farthest);
      expect(model.conversations[0]?.last?.state).toBe(farthest);
    }),
  );
});

test('of a conversation that is not open only its last message is known', () => {
  const closed = { ...opened, threads: {} };
  const after = withMessage(closed, message('4'), 1);
  expect(after.threads).toEqual({});
  expect(after.conversations[0]).toMatchObject({ unread: 1, last: { id: '4' } });
});
