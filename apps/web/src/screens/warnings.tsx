/** What happened to keys and logs, in words, until the person says that they have read it. */
import { Button } from 'react-aria-components';
import { useMessenger, useModel } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';

export function Warnings() {
  const { say } = useTexts();
  const messenger = useMessenger();
  const warnings = useModel((model) => model.warnings);
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
      <Button onPress={() => messenger.dismiss(eventId)}>{say('warning.seen')}</Button>
    </div>
  ));
}
