/** One message: its text, when, how far it is, and on demand what that means. */
import type { Message } from '@mycelium/api';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { Markdown } from '../parts/markdown.tsx';
import { StateMark, stateKey } from '../parts/state-mark.tsx';
import { useTexts } from '../texts/texts.ts';

interface MessageRowProps {
  readonly message: Message;
  readonly before: Message | undefined;
  /** Whose conversation it is. */
  readonly name: string;
  /** Counted from 1; -1: what is before is not known yet. */
  readonly position: number;
  /** Where the tabulator enters the feed. */
  readonly isEntry: boolean;
  readonly onFocus: () => void;
}

const togetherMs = 5 * 60_000;
/** Of how many; unknown while older ones come. */
const sizeUnknown = -1;

export function MessageRow({ message, before, name, position, isEntry, onFocus }: MessageRowProps) {
  const { say, time, day } = useTexts();
  const own = message.state !== 'received';
  const who = own ? say('chat.you') : name;
  const isOtherDay = before === undefined || day(before.time) !== day(message.time);
  const follows = !isOtherDay && before?.from === message.from && message.time - before.time < togetherMs;
  return (
    <>
      {isOtherDay && <p className="day">{day(message.time)}</p>}
      {message.gapBefore && <p className="day">{say('chat.gap')}</p>}
      <article
        id={`message-${message.id}`}
        className={`message ${own ? 'own' : 'theirs'}${follows ? ' follows' : ''}`}
        aria-posinset={position > 0 ? position : undefined}
        aria-setsize={sizeUnknown}
        aria-label={say('chat.said', {
          name: who,
          text: message.text,
          time: time(message.time),
          state: say(stateKey(message.state)),
        })}
        tabIndex={isEntry ? 0 : -1}
        onFocus={onFocus}
      >
        <div className="text" dir="auto">
          {message.kind === 'text' ? (
            <Markdown text={message.text} />
          ) : (
            <p className="muted">{say('chat.newer')}</p>
          )}
        </div>
        <DialogTrigger>
          <Button
            className="stamp"
            aria-label={`${say('message.details')}: ${time(message.time)}`}
            excludeFromTabOrder
          >
            <time>{time(message.time)}</time>
            <StateMark state={message.state} />
          </Button>
          <Popover>
            <Dialog className="popover" aria-label={say('message.details')}>
              <p>
                <strong>{say(stateKey(message.state))}</strong>
              </p>
              <p>{say(`state.about.${message.state}`, { name })}</p>
              <p className="muted">
                {say('message.sent', { time: `${day(message.time)}, ${time(message.time)}` })}
              </p>
            </Dialog>
          </Popover>
        </DialogTrigger>
      </article>
    </>
  );
}
