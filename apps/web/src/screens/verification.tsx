/** Comparing the safety number: both see the same sixty digits, or somebody stands between them. */
import type { Contact } from '@mycelium/api';
import { useState, type FormEvent } from 'react';
import { Button } from 'react-aria-components';
import { FailureLine } from '../parts/failure-line.tsx';
import { Field } from '../parts/field.tsx';
import { useTask } from '../parts/use-task.ts';
import { useMessenger } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';

export function Verification({ contact }: { readonly contact: Contact }) {
  const { say } = useTexts();
  const messenger = useMessenger();
  const [theirs, setTheirs] = useState('');
  const [same, setSame] = useState(false);
  const { busy, failure, run } = useTask();
  const { address, safetyNumber } = contact;
  if (safetyNumber === '') return null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setSame(false);
    run(async () => {
      await messenger.changeContact(
        messenger.call('contacts.verify', { address, safetyNumber: theirs.trim() }),
      );
      setSame(true);
      setTheirs('');
    });
  };
  return (
    <form className="card" onSubmit={submit}>
      <h3>{say('contact.number')}</h3>
      <p>{say('contact.numberText', { name: address })}</p>
      <p className="digits number" dir="ltr">
        {safetyNumber.split(' ').map((group, at) => (
          <span key={at}>{group}</span>
        ))}
      </p>
      <Field label={say('contact.theirs')} value={theirs} onChange={setTheirs} inputMode="numeric" />
      <FailureLine text={failure} />
      {same && <p role="status">{say('contact.verified', { name: address })}</p>}
      <Button type="submit" className="main" isDisabled={busy || theirs.trim() === ''}>
        {say('contact.verify')}
      </Button>
    </form>
  );
}
