/** A conversation: who, what was said, and what one writes. A request is decided here first. */
import { ArrowLeft } from 'lucide-react';
import { useEffect } from 'react';
import { Link } from 'wouter';
import { TrustMark } from '../parts/trust-mark.tsx';
import { contactOf } from '../state/model.ts';
import { useMessenger, useModel } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';
import { Arrivals } from './arrivals.tsx';
import { Composer } from './composer.tsx';
import { MessageFeed } from './message-feed.tsx';
import { Request } from './request.tsx';

export function Chat({ conversation }: { readonly conversation: string }) {
  const { say } = useTexts();
  const messenger = useMessenger();
  const contact = useModel((model) => contactOf(model, conversation));
  const thread = useModel((model) => model.threads[conversation]);
  const link = useModel((model) => model.link);
  const isRequest = contact?.state === 'request';
  const isKnown = contact !== undefined;
  useEffect(() => {
    if (link === 'open' && isKnown && !isRequest) void messenger.readNewest(conversation);
  }, [messenger, conversation, link, isKnown, isRequest]);
  useEffect(() => {
    const seen = (): void => {
      if (document.visibilityState === 'visible')
        void messenger.markRead(conversation).catch(() => undefined);
    };
    seen();
    document.addEventListener('visibilitychange', seen);
    return () => document.removeEventListener('visibilitychange', seen);
  }, [messenger, conversation, thread]);
  if (contact === undefined) return <p className="empty">{say('chats.choose')}</p>;
  return (
    <article className="chat">
      <header className="pane-head">
        <Link href="/" className="back" aria-label={say('nav.back')}>
          <ArrowLeft aria-hidden />
        </Link>
        <Link
          href={`/contact/${conversation}`}
          className="pane-title"
          title={say('chat.details', { name: contact.address })}
        >
          <h2>
            <bdi>{contact.address}</bdi>
          </h2>
          <TrustMark trust={contact.trust} always />
        </Link>
      </header>
      {isRequest ? (
        <div className="sheet">
          <Request contact={contact} />
        </div>
      ) : (
        <>
          <MessageFeed conversation={conversation} name={contact.address} thread={thread} />
          <Arrivals name={contact.address} thread={thread} />
          <Composer conversation={conversation} contact={contact} />
        </>
      )}
    </article>
  );
}
