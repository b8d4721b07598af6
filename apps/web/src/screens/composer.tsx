/** Where one writes. Enter sends, Shift and Enter begins a line. What was not sent stays in this browser. */
import type { Contact } from '@mycelium/api';
import { SendHorizontal } from 'lucide-react';
import { useRef, useState, type KeyboardEvent } from 'react';
import { Button } from 'react-aria-components';
import { Link } from 'wouter';
import { FailureLine } from '../parts/failure-line.tsx';
import { useTask } from '../parts/use-task.ts';
import { useMessenger } from '../state/use-messenger.ts';
import { useTexts, type TextKey } from '../texts/texts.ts';

interface ComposerProps {
  readonly conversation: string;
  readonly contact: Contact;
}

/** Bytes of UTF-8 in one text (spec/messages.md). */
const bytesMax = 65_536;

export function Composer({ conversation, contact }: ComposerProps) {
  const { say } = useTexts();
  const messenger = useMessenger();
  const { address } = contact;
  const [text, setText] = useState('');
  const { busy, failure, run } = useTask();
  const field = useRef<HTMLTextAreaElement>(null);
  const over = new TextEncoder().encode(text).length - bytesMax;
  const why = reasonNotTo(contact);
  const send = (): void => {
    if (text.trim() === '' || over > 0 || why.isLocked) return;
    const key = crypto.randomUUID();
    run(async () => {
      await messenger.send(conversation, text, key);
      setText('');
      field.current?.focus();
    });
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <footer className="composer">
      {why.text !== undefined && (
        <p className="notice">
          {say(why.text, { name: address })}
          {why.text === 'composer.contested' && (
            <>
              {' '}
              <Link href={`/contact/${conversation}`}>{say('composer.decide')}</Link>
            </>
          )}
        </p>
      )}
      {over > 0 && <p className="notice">{say('composer.long', { count: over })}</p>}
      <FailureLine text={failure} />
      <div className="row">
        <textarea
          id="composer"
          ref={field}
          rows={Math.min(6, text.split('\n').length)}
          dir="auto"
          aria-label={say('composer.label', { name: address })}
          placeholder={say('composer.label', { name: address })}
          value={text}
          disabled={why.isLocked}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={pressed}
        />
        <Button
          className="main send"
          aria-label={say('composer.send')}
          isDisabled={busy || why.isLocked}
          onPress={send}
        >
          <SendHorizontal size={20} aria-hidden />
        </Button>
      </div>
    </footer>
  );
}

function reasonNotTo({ state, trust }: Contact): { readonly text?: TextKey; readonly isLocked: boolean } {
  if (state === 'blocked') return { text: 'composer.blocked', isLocked: true };
  if (trust === 'contested') return { text: 'composer.contested', isLocked: true };
  if (state === 'pending') return { text: 'composer.pending', isLocked: false };
  return { isLocked: false };
}
