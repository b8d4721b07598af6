/** Requests first, then conversations, the newest on top; narrowed by what is typed. */
import type { Contact, Conversation } from '@mycelium/api';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { StateMark } from '../parts/state-mark.tsx';
import { TrustMark } from '../parts/trust-mark.tsx';
import { useModel } from '../state/use-messenger.ts';
import { useTexts, type TextKey } from '../texts/texts.ts';

export function ConversationList() {
  const { say } = useTexts();
  const contacts = useModel((model) => model.contacts);
  const conversations = useModel((model) => model.conversations);
  const [words, setWords] = useState('');
  const requests = contacts.filter(({ state }) => state === 'request');
  const isWanted = ({ address }: { readonly address: string }): boolean =>
    address.toLowerCase().includes(words.trim().toLowerCase());
  const shown = conversations.filter(isWanted);
  return (
    <section className="list" aria-label={say('chats.title')}>
      <header>
        <h1>{say('chats.title')}</h1>
        <input
          id="filter"
          type="search"
          placeholder={say('chats.filter')}
          aria-label={say('chats.filter')}
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
      </header>
      {requests.length > 0 && (
        <>
          <h2>{say('chats.requests')}</h2>
          <ul>
            {requests.map((contact) => (
              <Row key={contact.conversation} contact={contact} conversation={undefined} />
            ))}
          </ul>
        </>
      )}
      {conversations.length === 0 && requests.length === 0 && <p className="empty">{say('chats.empty')}</p>}
      <ul>
        {shown.map((conversation) => (
          <Row
            key={conversation.conversation}
            contact={contacts.find((one) => one.conversation === conversation.conversation)}
            conversation={conversation}
          />
        ))}
      </ul>
    </section>
  );
}

interface RowProps {
  readonly contact: Contact | undefined;
  readonly conversation: Conversation | undefined;
}

function Row({ contact, conversation }: RowProps) {
  const { say, time } = useTexts();
  const [location] = useLocation();
  const id = contact?.conversation ?? conversation?.conversation ?? '';
  const last = conversation?.last;
  const unread = conversation?.unread ?? 0;
  return (
    <li>
      <Link
        href={`/c/${id}`}
        className="row-link"
        aria-current={location === `/c/${id}` ? 'page' : undefined}
      >
        <span className="row-name">
          <bdi>{contact?.address ?? conversation?.address}</bdi>
          {contact !== undefined && <TrustMark trust={contact.trust} brief />}
        </span>
        {last !== undefined && <time className="muted">{time(last.time)}</time>}
        <span className="row-text muted">
          {last !== undefined && last.state !== 'received' && <StateMark state={last.state} />}
          <span dir="auto">{last?.text ?? contact?.greeting ?? say(nothingSaid(contact?.state))}</span>
        </span>
        {unread > 0 && (
          <span className="count" aria-label={say('chats.unread', { count: unread })}>
            {unread > 999 ? '999+' : unread}
          </span>
        )}
      </Link>
    </li>
  );
}

function nothingSaid(state: Contact['state'] | undefined): TextKey {
  if (state === 'pending') return 'chats.pending';
  return state === 'request' ? 'chats.asks' : 'chats.nothing';
}
