/** Links of ours, one by one: what is left of each, who came by it, and that nobody shall come by it any more. */
import type { Invite } from '@mycelium/api';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { CopyButton } from '../parts/copy-button.tsx';
import { FailureLine } from '../parts/failure-line.tsx';
import { QrCode } from '../parts/qr-code.tsx';
import { useTask } from '../parts/use-task.ts';
import { useMessenger } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';

interface InvitesProps {
  readonly invites: readonly Invite[];
  /** Some have changed. */
  readonly onChange: () => Promise<void>;
}

export function Invites({ invites, onChange }: InvitesProps) {
  const { say } = useTexts();
  if (invites.length === 0) return null;
  return (
    <section className="card">
      <h3>{say('invite.title')}</h3>
      <ul className="invites">
        {invites.map((invite) => (
          <InviteLine key={invite.id} invite={invite} onChange={onChange} />
        ))}
      </ul>
    </section>
  );
}

function InviteLine({
  invite,
  onChange,
}: {
  readonly invite: Invite;
  readonly onChange: InvitesProps['onChange'];
}) {
  const { say, day } = useTexts();
  const messenger = useMessenger();
  const [isShown, setIsShown] = useState(false);
  const { busy, failure, run } = useTask();
  const { id, label, state, usesLeft, expires, made, guests, used } = invite;
  const name = label ?? (made === undefined ? say('invite.bare') : say('invite.made', { time: day(made) }));
  const unseen = used - guests.length;
  const revoke = (): void =>
    run(async () => {
      await messenger.call('invites.revoke', { id });
      await onChange();
    });
  return (
    <li className="invite" aria-label={name}>
      <p>
        <strong dir="auto">{name}</strong> <span className="muted">{say(`invite.${state}`)}</span>
      </p>
      {state === 'open' && (
        <p className="muted">
          {usesLeft === undefined ? say('invite.unlimited') : say('invite.left', { count: usesLeft })}
          {expires !== undefined && ` ${say('invite.until', { time: day(expires) })}`}
        </p>
      )}
      {guests.length > 0 && (
        <p>{say('invite.guests', { names: guests.map(({ address }) => address).join(', ') })}</p>
      )}
      {unseen > 0 && <p className="muted">{say('invite.unseen', { count: unseen })}</p>}
      <FailureLine text={failure} />
      {state === 'open' && (
        <div className="row">
          <Button
            aria-expanded={isShown}
            aria-label={say('invite.showOf', { name })}
            onPress={() => setIsShown(!isShown)}
          >
            {say(isShown ? 'invite.hide' : 'invite.show')}
          </Button>
          <Button
            className="danger"
            aria-label={say('invite.revokeOf', { name })}
            isDisabled={busy}
            onPress={revoke}
          >
            {say('invite.revoke')}
          </Button>
        </div>
      )}
      {isShown && state === 'open' && <InviteLink invite={invite} />}
    </li>
  );
}

/** The link as it is given on: to be scanned, read or copied. */
export function InviteLink({ invite: { link } }: { readonly invite: Invite }) {
  const { say } = useTexts();
  return (
    <>
      <QrCode text={link} label={say('add.qr')} />
      <p className="link-text" dir="ltr">
        {link}
      </p>
      <CopyButton text={link} />
    </>
  );
}
