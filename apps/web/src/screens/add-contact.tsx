/** Three ways to a contact: a link of ours, a link of theirs, their address. */
import { useState, type FormEvent } from 'react';
import { Button } from 'react-aria-components';
import { useLocation } from 'wouter';
import { FailureLine } from '../parts/failure-line.tsx';
import { Field } from '../parts/field.tsx';
import { useTask } from '../parts/use-task.ts';
import { useMessenger } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';
import { OwnLink } from './own-link.tsx';
import { PaneHead } from './pane-head.tsx';

export function AddContact() {
  const { say } = useTexts();
  return (
    <>
      <PaneHead title={say('add.title')} />
      <div className="sheet">
        <OwnLink />
        <TheirLink />
        <ByAddress />
      </div>
    </>
  );
}

function TheirLink() {
  const { say } = useTexts();
  const messenger = useMessenger();
  const [, go] = useLocation();
  const [link, setLink] = useState('');
  const { busy, failure, run } = useTask();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      const contact = await messenger.call('invites.accept', { link: link.trim() });
      await messenger.changeContact(Promise.resolve(contact));
      go(`/c/${contact.conversation}`);
    });
  };
  return (
    <form className="card" onSubmit={submit}>
      <h3>{say('add.link')}</h3>
      <Field label={say('add.linkField')} value={link} onChange={setLink} lines={3} />
      <FailureLine text={failure} />
      <Button type="submit" className="main" isDisabled={busy || link.trim() === ''}>
        {say(busy ? 'wait' : 'add.accept')}
      </Button>
    </form>
  );
}

function ByAddress() {
  const { say } = useTexts();
  const messenger = useMessenger();
  const [, go] = useLocation();
  const [address, setAddress] = useState('');
  const [greeting, setGreeting] = useState('');
  const { busy, failure, run } = useTask();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const message = greeting.trim() === '' ? {} : { message: greeting.trim() };
    run(async () => {
      const contact = await messenger.call('contacts.add', { address: address.trim(), ...message });
      await messenger.changeContact(Promise.resolve(contact));
      go(`/c/${contact.conversation}`);
    });
  };
  return (
    <form className="card" onSubmit={submit}>
      <h3>{say('add.address')}</h3>
      <Field label={say('add.addressField')} value={address} onChange={setAddress} inputMode="email" />
      <Field label={say('add.greeting')} value={greeting} onChange={setGreeting} lines={2} />
      <FailureLine text={failure} />
      <Button type="submit" className="main" isDisabled={busy || address.trim() === ''}>
        {say(busy ? 'wait' : 'add.ask')}
      </Button>
    </form>
  );
}
