/**
 * Which messages of a feed are there: those near the screen, and the one that has the focus. It opens at its end, follows
 * what is new while one is there, and asks for older ones near its beginning.
 */
import type { Message } from '@mycelium/api';
import { useVirtualizer, type Range, type Virtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import type { Thread } from '../state/model.ts';
import { useMessenger } from '../state/use-messenger.ts';

const rowHeight = 64;
/** So near to the beginning older ones are asked for. */
const askAt = 10;

export interface Feed {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly messages: readonly Message[];
  readonly rows: Virtualizer<HTMLDivElement, Element>;
  /** Id of the message at which the tabulator enters. */
  readonly entry: string | undefined;
  readonly focus: (id: string) => void;
  /** Arrows, Home and End go from message to message. */
  readonly pressed: (event: KeyboardEvent) => void;
}

export function useFeed(conversation: string, thread: Thread | undefined): Feed {
  const box = useRef<HTMLDivElement>(null);
  const [focused, focus] = useState<string>();
  const messages = thread?.messages ?? [];
  const rows = useVirtualizer({
    count: messages.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    getItemKey: (at) => messages[at]?.id ?? at,
    overscan: 8,
    anchorTo: 'end',
    followOnAppend: true,
    rangeExtractor: (range) =>
      withFocused(
        range,
        messages.findIndex(({ id }) => id === focused),
      ),
  });
  const isThere = messages.length > 0;
  const latestRows = useRef(rows);
  latestRows.current = rows;
  useEffect(() => {
    if (isThere) latestRows.current.scrollToEnd();
  }, [isThere]);
  useOlder(conversation, thread, rows.getVirtualItems()[0]?.index ?? askAt);

  const pressed = (event: KeyboardEvent): void => {
    const at = messages.findIndex(({ id }) => id === focused);
    const target = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: messages.length - 1 }[event.key];
    const message = target === undefined ? undefined : messages[target];
    if (event.altKey || target === undefined || message === undefined) return;
    event.preventDefault();
    rows.scrollToIndex(target);
    focus(message.id);
    requestAnimationFrame(() => document.getElementById(`message-${message.id}`)?.focus());
  };
  return { box, messages, rows, entry: focused ?? messages.at(-1)?.id, focus, pressed };
}

/** The focused row stays in the document, so that the focus does. */
function withFocused({ startIndex, endIndex, overscan, count }: Range, focused: number): number[] {
  const first = Math.max(0, startIndex - overscan);
  const last = Math.min(count - 1, endIndex + overscan);
  const near = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  if (focused < 0 || near.includes(focused)) return near;
  return [...near, focused].toSorted((left, right) => left - right);
}

function useOlder(conversation: string, thread: Thread | undefined, firstShown: number): void {
  const messenger = useMessenger();
  const asking = useRef(false);
  useEffect(() => {
    if (thread === undefined || thread.complete || firstShown >= askAt || asking.current) return;
    asking.current = true;
    void messenger
      .readOlder(conversation)
      .catch(() => undefined)
      .finally(() => {
        asking.current = false;
      });
  }, [messenger, conversation, thread, firstShown]);
}
