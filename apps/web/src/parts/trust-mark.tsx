/** How sure one may be of a contact: nothing beside a name that is merely pinned, a word and a shape beside others. */
import type { Contact } from '@mycelium/api';
import { BadgeCheck, Globe, ShieldCheck, TriangleAlert, type LucideIcon } from 'lucide-react';
import { useTexts } from '../texts/texts.ts';

const marks: Readonly<Record<Contact['trust'], LucideIcon | undefined>> = {
  verified: ShieldCheck,
  vouched: BadgeCheck,
  domain: Globe,
  pinned: undefined,
  contested: TriangleAlert,
};

interface TrustMarkProps {
  readonly trust: Contact['trust'];
  /** Also says of a contact that it is not verified. */
  readonly always?: boolean;
  /** Where room is scarce: the shape, with the word for who does not see shapes. */
  readonly brief?: boolean;
}

export function TrustMark({ trust, always = false, brief = false }: TrustMarkProps) {
  const { say } = useTexts();
  const Mark = marks[trust];
  if (Mark === undefined && !always) return null;
  const word = say(`trust.${trust}`);
  return (
    <span className={`trust trust-${trust}`} title={brief ? word : undefined}>
      {Mark !== undefined && <Mark size={16} aria-hidden />}
      {brief ? <span className="unseen">{word}</span> : word}
    </span>
  );
}
