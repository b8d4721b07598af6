/** No account is here yet: one is made, or restored from its recovery phrase. */
import { useState, type FormEvent } from 'react';
import { Button } from 'react-aria-components';
import { FailureLine } from '../parts/failure-line.tsx';
import { Field } from '../parts/field.tsx';
import { useTask } from '../parts/use-task.ts';
import { useMessenger } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';
import { Phrase } from './phrase.tsx';

interface WelcomeProps {
  readonly begun: () => void;
  readonly done: () => void;
}

export function Welcome({ begun, done }: WelcomeProps) {
  const { say } = useTexts();
  const messenger = useMessenger();
  const [address, setAddress] = useState('');
  const [restores, setRestores] = useState(false);
  const [phrase, setPhrase] = useState('');
  const [made, setMade] = useState<string>();
  const { busy, failure, run } = useTask();
  if (made !== undefined) return <Phrase phrase={made} done={done} />;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      if (!restores) begun();
      const words = await messenger.createAccount(address.trim(), restores ? phrase.trim() : undefined);
      setPhrase('');
      if (!restores) setMade(words);
    });
  };
  return (
    <main className="whole-page">
      <form className="card" onSubmit={submit}>
        <h1>{say('welcome.title')}</h1>
        <p>{say('welcome.text')}</p>
        <Field
          label={say('welcome.address')}
          hint={say('welcome.addressHint')}
          value={address}
          onChange={setAddress}
          inputMode="email"
          autoFocus
        />
        {restores && <Field label={say('welcome.phrase')} value={phrase} onChange={setPhrase} lines={3} />}
        <FailureLine text={failure} />
        <div className="row">
          <Button
            type="submit"
            className="main"
            isDisabled={busy || address.trim() === '' || (restores && phrase.trim() === '')}
          >
            {say(busy ? 'wait' : restores ? 'welcome.restore' : 'welcome.create')}
          </Button>
          <Button className="quiet" onPress={() => setRestores(!restores)}>
            {say(restores ? 'welcome.new' : 'welcome.recover')}
          </Button>
        </div>
      </form>
    </main>
  );
}
