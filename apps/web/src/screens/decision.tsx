/** Several accounts claim the address of a contact: the person says which one it is, and what becomes of texts that wait. */
import type { Contact, HeldTexts } from '@mycelium/api';
import { useState } from 'react';
import { Button, Label, Radio, RadioGroup } from 'react-aria-components';
import { useLocation } from 'wouter';
import { FailureLine } from '../parts/failure-line.tsx';
import { useTask } from '../parts/use-task.ts';
import { claimsOf, heldUnlessTold, type Claim } from '../state/claims.ts';
import { useMessenger } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';

const heldChoices: readonly HeldTexts[] = ['send', 'drop'];

export function Decision({ contact }: { readonly contact: Contact }) {
  const { say } = useTexts();
  const messenger = useMessenger();
  const [, go] = useLocation();
  const [chosen, setChosen] = useState<string>();
  const [told, setTold] = useState<HeldTexts>();
  const { busy, failure, run } = useTask();
  const { address, fingerprint, trust, held } = contact;
  const claims = claimsOf(contact);
  if (claims.length < 2) return null;
  const texts = told ?? heldUnlessTold(contact, chosen);
  const decide = (): void => {
    if (chosen === undefined) return;
    const wish = { address, fingerprint: chosen, ...(held > 0 && { held: texts }) };
    run(async () => {
      const decided = await messenger.call('contacts.trust', wish);
      await messenger.changeContact(Promise.resolve(decided));
      // Another account is another conversation.
      go(`/contact/${decided.conversation}`);
    });
  };
  return (
    <section className="card decision">
      <h3>{say('decision.title', { name: address })}</h3>
      <p>{say(trust === 'contested' ? 'decision.contested' : 'decision.settled', { name: address })}</p>
      <RadioGroup className="choices" value={chosen ?? null} onChange={setChosen}>
        <Label>{say('decision.which')}</Label>
        {claims.map((claim) => (
          <Radio key={claim.fingerprint} value={claim.fingerprint}>
            <ClaimText claim={claim} />
          </Radio>
        ))}
      </RadioGroup>
      {held > 0 && (
        <RadioGroup
          className="choices"
          value={texts}
          onChange={(value) => setTold(heldChoices.find((choice) => choice === value))}
        >
          <Label>{say('decision.held', { count: held })}</Label>
          {heldChoices.map((choice) => (
            <Radio key={choice} value={choice}>
              {say(`decision.held.${choice}`)}
            </Radio>
          ))}
        </RadioGroup>
      )}
      <FailureLine text={failure} />
      <Button className="main" isDisabled={busy || chosen === undefined} onPress={decide}>
        {say(chosen === undefined || chosen === fingerprint ? 'decision.keep' : 'decision.other')}
      </Button>
    </section>
  );
}

function ClaimText({ claim }: { readonly claim: Claim }) {
  const { say, day } = useTexts();
  const { fingerprint, seenIn, since } = claim;
  return (
    <span className="claim">
      <span>{say(`decision.${seenIn}`, since === undefined ? {} : { since: day(since) })}</span>
      <span className="digits" dir="ltr">
        {fingerprint}
      </span>
    </span>
  );
}
