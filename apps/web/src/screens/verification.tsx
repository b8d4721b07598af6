/**
 * Comparing with a contact, by digits, by words or by a code: what is the same on both sides nobody stands between
 * (spec/trust.md, "What is compared").
 */
import type { Contact, Params, Verification } from '@mycelium/api';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Button, Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { CopyButton } from '../parts/copy-button.tsx';
import { FailureLine } from '../parts/failure-line.tsx';
import { Field } from '../parts/field.tsx';
import { QrCode } from '../parts/qr-code.tsx';
import { useTask } from '../parts/use-task.ts';
import { useMessenger } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';

const ways = ['number', 'words', 'code'] as const;
type Way = (typeof ways)[number];

interface VerificationCardProps {
  readonly contact: Contact;
  readonly verification: Verification | undefined;
}

export function VerificationCard({ contact, verification }: VerificationCardProps) {
  const { say } = useTexts();
  const { address, safetyNumber } = contact;
  if (safetyNumber === '') return null;
  return (
    <section className="card">
      <h3>{say('verify.title')}</h3>
      <p>{say('verify.text', { name: address })}</p>
      <Tabs className="tabs">
        <TabList aria-label={say('verify.title')} className="tab-list">
          {ways.map((way) => (
            <Tab key={way} id={way} className="tab">
              {say(`verify.by.${way}`)}
            </Tab>
          ))}
        </TabList>
        {ways.map((way) => (
          <TabPanel key={way} id={way} className="tab-panel">
            <Own way={way} safetyNumber={safetyNumber} verification={verification} />
            <Compare way={way} address={address} />
          </TabPanel>
        ))}
      </Tabs>
    </section>
  );
}

interface OwnProps {
  readonly way: Way;
  readonly safetyNumber: string;
  readonly verification: Verification | undefined;
}

/** What is read out or shown to them. */
function Own({ way, safetyNumber, verification }: OwnProps): ReactNode {
  const { say } = useTexts();
  if (way === 'number') {
    return (
      <p className="digits number" dir="ltr">
        {safetyNumber.split(' ').map((group, at) => (
          <span key={at}>{group}</span>
        ))}
      </p>
    );
  }
  if (verification === undefined) return null;
  if (way === 'words') {
    return (
      <p className="spoken" dir="ltr" lang="en">
        {verification.words}
      </p>
    );
  }
  return (
    <>
      <p>{say('verify.codeText', { name: verification.address })}</p>
      <QrCode text={verification.code} label={say('verify.qr', { name: verification.address })} />
      <CopyButton text={verification.code} />
    </>
  );
}

/** Where what they have shown is put in. */
function Compare({ way, address }: { readonly way: Way; readonly address: string }) {
  const { say } = useTexts();
  const messenger = useMessenger();
  const [theirs, setTheirs] = useState('');
  const [isSame, setIsSame] = useState(false);
  const { busy, failure, run } = useTask();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsSame(false);
    run(async () => {
      await messenger.changeContact(messenger.call('contacts.verify', shownIn(way, address, theirs.trim())));
      setIsSame(true);
      setTheirs('');
    });
  };
  return (
    <form onSubmit={submit}>
      <Field
        label={say(`verify.their.${way}`)}
        value={theirs}
        onChange={setTheirs}
        {...(way === 'number' ? { inputMode: 'numeric' } : { lines: 2 })}
      />
      <FailureLine text={failure} />
      {isSame && <p role="status">{say('verify.same', { name: address })}</p>}
      <Button type="submit" className="main" isDisabled={busy || theirs.trim() === ''}>
        {say('verify.compare')}
      </Button>
    </form>
  );
}

function shownIn(way: Way, address: string, text: string): Params<'contacts.verify'> {
  switch (way) {
    case 'number':
      return { address, safetyNumber: text };
    case 'words':
      return { address, words: text };
    case 'code':
      return { address, code: text };
  }
}
