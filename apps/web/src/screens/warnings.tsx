/** What happened to keys and logs, in words, until the person says that they have read it. */
import { Button } from 'react-aria-components';
import { Link } from 'wouter';
import { useMessenger, useModel } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';

export function Warnings() {
  const { say } = useTexts();
  const messenger = useMessenger();
  const warnings = useModel((model) => model.warnings);
  const contacts = useModel((model) => model.contacts);
  const conversationOf = (address: string): string | undefined =>
    contacts.find((contact) => contact.address === address)?.conversation;
  return warnings.map(({ eventId, address, text }) => (
    <div key={eventId} role="alert" className="banner danger">
      <p>
        <strong>{say('warning.title')}</strong>
        {address !== '' && (
          <>
            {' '}
            <bdi>{address}</bdi>
          </>
        )}
        : {text}
      </p>
      <LookAt conversation={conversationOf(address)} />
      <Button onPress={() => messenger.dismiss(eventId)}>{say('warning.seen')}</Button>
    </div>
  ));
}

/** A name that nobody has any more leads nowhere. */
function LookAt({ conversation }: { readonly conversation: string | undefined }) {
  const { say } = useTexts();
  if (conversation === undefined) return null;
  return <Link href={`/contact/${conversation}`}>{say('warning.look')}</Link>;
}
