/** Says aloud what arrives in the conversation that is open: new texts only, together within a second, never history. */
import { useEffect, useRef, useState } from 'react';
import type { Thread } from '../state/model.ts';
import { useTexts } from '../texts/texts.ts';

const togetherMs = 1_000;

interface ArrivalsProps {
  readonly name: string;
  readonly thread: Thread | undefined;
}

export function Arrivals({ name, thread }: ArrivalsProps) {
  const { say } = useTexts();
  const [text, setText] = useState('');
  const last = useRef<string>(undefined);
  const messages = thread?.messages;
  useEffect(() => {
    const newest = messages?.at(-1)?.id;
    if (last.current === undefined || newest === last.current) {
      last.current ??= newest;
      return undefined;
    }
    const timer = setTimeout(() => {
      const from = (messages ?? []).findIndex(({ id }) => id === last.current);
      const come = (messages ?? []).slice(from + 1).filter(({ state }) => state === 'received');
      last.current = newest;
      if (come.length > 0)
        setText(say('chat.arrived', { count: come.length, name, text: come.at(-1)?.text ?? '' }));
    }, togetherMs);
    return () => clearTimeout(timer);
  }, [messages, name, say]);
  return (
    <p className="unseen" aria-live="polite">
      {text}
    </p>
  );
}
