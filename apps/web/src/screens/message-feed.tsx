/** What was said, as a feed of which only what is near the screen is in the document (use-feed.ts). */
import type { Thread } from '../state/model.ts';
import { useTexts } from '../texts/texts.ts';
import { MessageRow } from './message-row.tsx';
import { useFeed } from './use-feed.ts';

interface MessageFeedProps {
  readonly conversation: string;
  readonly name: string;
  readonly thread: Thread | undefined;
}

export function MessageFeed({ conversation, name, thread }: MessageFeedProps) {
  const { say } = useTexts();
  const { box, messages, rows, entry, focus, pressed } = useFeed(conversation, thread);
  const isWhole = thread?.complete === true;
  return (
    <div className="feed-box" ref={box}>
      {isWhole && <p className="muted beginning">{say('chat.begin', { name })}</p>}
      <div
        role="feed"
        aria-label={say('chat.feed', { name })}
        aria-busy={thread === undefined}
        style={{ height: rows.getTotalSize() }}
        onKeyDown={pressed}
      >
        {rows.getVirtualItems().map(({ key, index, start }) => {
          const message = messages[index];
          if (message === undefined) return null;
          return (
            <div
              key={key}
              ref={rows.measureElement}
              data-index={index}
              className="feed-row"
              style={{ transform: `translateY(${start}px)` }}
            >
              <MessageRow
                message={message}
                before={messages[index - 1]}
                name={name}
                position={isWhole ? index + 1 : -1}
                isEntry={message.id === entry}
                onFocus={() => focus(message.id)}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}
