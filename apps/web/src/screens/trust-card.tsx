/** How sure one may be of a contact, why, whose word stands for them, and what would make one surer. */
import type { Contact, Verification, Voucher } from '@mycelium/api';
import { Button } from 'react-aria-components';
import { FailureLine } from '../parts/failure-line.tsx';
import { KeyPicture } from '../parts/key-picture.tsx';
import { TrustMark } from '../parts/trust-mark.tsx';
import { useTask } from '../parts/use-task.ts';
import { useMessenger } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';

interface TrustCardProps {
  readonly contact: Contact;
  readonly verification: Verification | undefined;
}

export function TrustCard({ contact, verification }: TrustCardProps) {
  const { say } = useTexts();
  const { address, trust, trustReason, vouchers, fingerprint, warning, doubts } = contact;
  return (
    <section className="card">
      <h3>{say('contact.trust')}</h3>
      <TrustMark trust={trust} always />
      <p>{trustReason}</p>
      {warning !== undefined && <p className="failure">{warning}</p>}
      {doubts.map((doubt) => (
        <p key={doubt} className="failure">
          {doubt}
        </p>
      ))}
      {trust !== 'verified' && <p className="muted">{say(`trust.up.${trust}`, { name: address })}</p>}
      {vouchers.length > 0 && (
        <ul className="peers" aria-label={say('vouch.title')}>
          {vouchers.map((voucher) => (
            <li key={voucher.address}>
              <VoucherLine voucher={voucher} />
            </li>
          ))}
        </ul>
      )}
      <dl>
        <dt>{say('contact.fingerprint')}</dt>
        <dd className="digits" dir="ltr">
          {fingerprint}
        </dd>
      </dl>
      {verification !== undefined && (
        <>
          <div className="row">
            <KeyPicture picture={verification.picture} of={say('picture.theirs', { name: address })} />
            <KeyPicture picture={verification.ownPicture} of={say('picture.own')} />
          </div>
          <p className="muted">{say('picture.text')}</p>
        </>
      )}
      <LookUp address={address} />
    </section>
  );
}

function VoucherLine({ voucher }: { readonly voucher: Voucher }) {
  const { say, day } = useTexts();
  const { address: name, through, expires, counts } = voucher;
  const until = day(expires);
  return (
    <>
      {through === undefined
        ? say('vouch.by', { name, until })
        : say('vouch.through', { name, through, until })}
      {!counts && <span className="muted"> {say('vouch.notCounted')}</span>}
    </>
  );
}

/** Whether another account claims the address is looked at once a day, and whenever somebody wants to know. */
function LookUp({ address }: { readonly address: string }) {
  const { say } = useTexts();
  const messenger = useMessenger();
  const { busy, failure, run } = useTask();
  const look = (): void => run(() => messenger.changeContact(messenger.call('contacts.check', { address })));
  return (
    <>
      <FailureLine text={failure} />
      <Button className="quiet" isDisabled={busy} onPress={look}>
        {say(busy ? 'wait' : 'contact.lookUp')}
      </Button>
    </>
  );
}
