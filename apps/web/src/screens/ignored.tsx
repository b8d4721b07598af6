/** Requests that were ignored: they can become requests again. */
import type { Contact } from '@mycelium/api';
import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import { FailureLine } from '../parts/failure-line.tsx';
import { useTask } from '../parts/use-task.ts';
import { useMessenger, useModel } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';

export function Ignored() {
  const { say } = useTexts();
  const messenger = useMessenger();
  const contacts = useModel((model) => model.contacts);
  const [ignored, setIgnored] = useState<readonly Contact[]>([]);
  const { busy, failure, run } = useTask();
  useEffect(() => {
    void messenger
      .call('contacts.list', { ignored: true })
      .then((answer) => setIgnored(answer.contacts))
      .catch(() => undefined);
  }, [messenger, contacts]);
  const again = (address: string): void =>
    run(() => messenger.changeContact(messenger.call('contacts.unignore', { address })));
  if (ignored.length === 0) return null;
  return (
    <section className="card">
      <h3>{say('settings.ignored')}</h3>
      <FailureLine text={failure} />
      <ul className="peers">
        {ignored.map(({ address, conversation }) => (
          <li key={conversation} className="row">
            <bdi>{address}</bdi>
            <Button isDisabled={busy} onPress={() => again(address)}>
              {say('settings.unignore')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
