/** Somebody asks to write. Until it is decided they learn nothing. */
import type { Contact } from '@mycelium/api';
import { Button } from 'react-aria-components';
import { useLocation } from 'wouter';
import { FailureLine } from '../parts/failure-line.tsx';
import { useTask } from '../parts/use-task.ts';
import { useMessenger } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';

type Decided = 'contacts.accept' | 'contacts.ignore' | 'contacts.remove' | 'contacts.block';

export function Request({ contact }: { readonly contact: Contact }) {
  const { say } = useTexts();
  const messenger = useMessenger();
  const [, go] = useLocation();
  const { busy, failure, run } = useTask();
  const { address, greeting, cameBy, warning } = contact;
  const decide = (method: Decided): void =>
    run(async () => {
      await messenger.changeContact(messenger.call(method, { address }));
      if (method !== 'contacts.accept') go('/');
    });
  return (
    <div className="card" role="group" aria-label={say('request.title', { name: address })}>
      <h3>{say('request.title', { name: address })}</h3>
      <p>{say('request.text')}</p>
      {warning !== undefined && <p className="failure">{warning}</p>}
      {greeting !== undefined && (
        <blockquote className="greeting" dir="auto">
          {greeting}
        </blockquote>
      )}
      {cameBy !== undefined && (
        <p>
          {say(cameBy.label === undefined ? 'request.byLink' : 'request.byLabel', {
            label: cameBy.label ?? '',
            state: say(`invite.${cameBy.state}`),
          })}
        </p>
      )}
      <dl>
        <dt>{say('request.fingerprint')}</dt>
        <dd className="digits" dir="ltr">
          {contact.fingerprint}
        </dd>
      </dl>
      <FailureLine text={failure} />
      <div className="row">
        <Button className="main" isDisabled={busy} onPress={() => decide('contacts.accept')}>
          {say('request.accept')}
        </Button>
        <Button isDisabled={busy} onPress={() => decide('contacts.ignore')}>
          {say('request.ignore')}
        </Button>
        <Button isDisabled={busy} onPress={() => decide('contacts.remove')}>
          {say('request.delete')}
        </Button>
        <Button className="danger" isDisabled={busy} onPress={() => decide('contacts.block')}>
          {say('request.block')}
        </Button>
      </div>
      <p className="muted">{say('request.choices')}</p>
    </div>
  );
}
