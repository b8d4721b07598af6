/** A browser that the node does not know brings the code that "mycelium page" shows. */
import { useState, type FormEvent } from 'react';
import { Button } from 'react-aria-components';
import { FailureLine } from '../parts/failure-line.tsx';
import { Field } from '../parts/field.tsx';
import { useTask } from '../parts/use-task.ts';
import { useMessenger } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';

/** As a person would call it; it can be changed before it is sent. */
function browserName(): string {
  const known = [/Firefox/, /Edg/, /Chrom(?:e|ium)/, /Safari/].map(
    (name) => name.exec(navigator.userAgent)?.[0],
  );
  return known.find((name) => name !== undefined)?.replace('Edg', 'Edge') ?? 'Browser';
}

export function Pairing() {
  const { say } = useTexts();
  const messenger = useMessenger();
  const [code, setCode] = useState('');
  const [name, setName] = useState(browserName);
  const { busy, failure, run } = useTask();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(() => messenger.pair(code.trim(), name.trim()));
  };
  return (
    <main className="whole-page">
      <form className="card" onSubmit={submit}>
        <h1>{say('pair.title')}</h1>
        <p>{say('pair.how')}</p>
        <Field label={say('pair.code')} value={code} onChange={setCode} inputMode="numeric" autoFocus />
        <Field label={say('pair.name')} value={name} onChange={setName} />
        <FailureLine text={failure} />
        <Button type="submit" className="main" isDisabled={busy || code.trim() === '' || name.trim() === ''}>
          {say('pair.go')}
        </Button>
      </form>
    </main>
  );
}
