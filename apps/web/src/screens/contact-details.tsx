/** A contact: how sure one may be and why, how messages travel, and what can be done. */
import type { Contact } from '@mycelium/api';
import { useEffect, useState } from 'react';
import { Button, Label, Radio, RadioGroup } from 'react-aria-components';
import { useLocation } from 'wouter';
import { FailureLine } from '../parts/failure-line.tsx';
import { useTask } from '../parts/use-task.ts';
import { contactOf } from '../state/model.ts';
import { useMessenger, useModel } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';
import { Decision } from './decision.tsx';
import { PaneHead } from './pane-head.tsx';
import { PathList } from './path-list.tsx';
import { TrustCard } from './trust-card.tsx';
import { useVerification } from './use-verification.ts';
import { VerificationCard } from './verification.tsx';

export function ContactDetails({ conversation }: { readonly conversation: string }) {
  const { say } = useTexts();
  const contact = useModel((model) => contactOf(model, conversation));
  if (contact === undefined) return <p className="empty">{say('chats.choose')}</p>;
  return (
    <>
      <PaneHead title={say('contact.title', { name: contact.address })} back={`/c/${conversation}`} />
      <div className="sheet">
        <Decision contact={contact} />
        <Trust contact={contact} />
        <Travel contact={contact} />
        <Standing contact={contact} />
      </div>
    </>
  );
}

function Trust({ contact }: { readonly contact: Contact }) {
  const verification = useVerification(contact);
  return (
    <>
      <TrustCard contact={contact} verification={verification} />
      <VerificationCard contact={contact} verification={verification} />
    </>
  );
}

function Travel({ contact }: { readonly contact: Contact }) {
  const { say } = useTexts();
  const messenger = useMessenger();
  const status = useModel((model) => model.status);
  const { failure, run } = useTask();
  const { address, policy } = contact;
  useEffect(() => void messenger.readStatus().catch(() => undefined), [messenger]);
  const peers = (status?.peers ?? []).filter((peer) => peer.contact === address);
  const change = (value: string): void => {
    if (value !== 'direct' && value !== 'relays-only') return;
    run(() => messenger.changeContact(messenger.call('contacts.policy', { address, policy: value })));
  };
  return (
    <section className="card">
      <h3>{say('contact.path')}</h3>
      <RadioGroup value={policy} onChange={change} className="choices" aria-label={say('contact.path')}>
        <Radio value="direct">
          <Label>{say('contact.direct')}</Label>
        </Radio>
        <Radio value="relays-only">
          <Label>{say('contact.relays')}</Label>
        </Radio>
      </RadioGroup>
      <FailureLine text={failure} />
      {peers.length === 0 ? (
        <p className="muted">{say('contact.noPath', { name: address })}</p>
      ) : (
        <PathList peers={peers} />
      )}
    </section>
  );
}

function Standing({ contact }: { readonly contact: Contact }) {
  const { say } = useTexts();
  const messenger = useMessenger();
  const [, go] = useLocation();
  const [sure, setSure] = useState(false);
  const { busy, failure, run } = useTask();
  const { address, state } = contact;
  const isBlocked = state === 'blocked';
  const turn = (): void =>
    run(() =>
      messenger.changeContact(
        isBlocked
          ? messenger.call('contacts.accept', { address })
          : messenger.call('contacts.block', { address }),
      ),
    );
  const remove = (): void =>
    run(async () => {
      await messenger.changeContact(messenger.call('contacts.remove', { address }));
      go('/');
    });
  return (
    <section className="card">
      <FailureLine text={failure} />
      <div className="row">
        <Button isDisabled={busy} onPress={turn}>
          {say(isBlocked ? 'contact.unblock' : 'contact.block')}
        </Button>
        {!sure && (
          <Button className="danger" onPress={() => setSure(true)}>
            {say('contact.remove')}
          </Button>
        )}
      </div>
      {sure && (
        <div role="alertdialog" aria-label={say('contact.remove')}>
          <p>{say('contact.removeSure', { name: address })}</p>
          <div className="row">
            <Button className="danger" isDisabled={busy} onPress={remove}>
              {say('contact.remove')}
            </Button>
            <Button onPress={() => setSure(false)}>{say('cancel')}</Button>
          </div>
        </div>
      )}
    </section>
  );
}
