/** A link of ours is made here, for one person or for several, and those that were made stand below. */
import type { Invite } from '@mycelium/api';
import { useEffect, useState, type FormEvent } from 'react';
import { Button } from 'react-aria-components';
import { FailureLine } from '../parts/failure-line.tsx';
import { Field } from '../parts/field.tsx';
import { useTask } from '../parts/use-task.ts';
import { useMessenger, useModel } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';
import { InviteLink, Invites } from './invites.tsx';

export function OwnLink() {
  const { say } = useTexts();
  const messenger = useMessenger();
  const [label, setLabel] = useState('');
  const [invite, setInvite] = useState<Invite>();
  const { invites, read } = useInvites();
  const { busy, failure, run } = useTask();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      setInvite(await messenger.invite(label.trim()));
      setLabel('');
      await read();
    });
  };
  // What was just made is shown until somebody has come by it, or it was taken back.
  const isOpen = invites.find(({ id }) => id === invite?.id)?.state === 'open';
  return (
    <>
      <section className="card">
        <h3>{say('add.invite')}</h3>
        <p>{say('add.inviteText')}</p>
        <form onSubmit={submit}>
          <Field label={say('add.label')} value={label} onChange={setLabel} />
          <FailureLine text={failure} />
          <Button type="submit" className="main" isDisabled={busy}>
            {say(busy ? 'wait' : 'add.make')}
          </Button>
        </form>
        {invite !== undefined && isOpen && <InviteLink invite={invite} />}
      </section>
      <Invites invites={invites} onChange={read} />
    </>
  );
}

interface OwnInvites {
  readonly invites: readonly Invite[];
  readonly read: () => Promise<void>;
}

/** Read again when contacts change: one may have come by a link. */
function useInvites(): OwnInvites {
  const messenger = useMessenger();
  const link = useModel((model) => model.link);
  const contacts = useModel((model) => model.contacts);
  const [invites, setInvites] = useState<readonly Invite[]>([]);
  const read = async (): Promise<void> => {
    const answer = await messenger.call('invites.list', {});
    setInvites(answer.invites);
  };
  useEffect(() => {
    if (link !== 'open') return;
    void messenger
      .call('invites.list', {})
      .then((answer) => setInvites(answer.invites))
      .catch(() => undefined);
  }, [messenger, link, contacts]);
  return { invites, read };
}
