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

/** `always`: also says of a contact that it is not verified. */
export function TrustMark({
  trust,
  always = false,
}: {
  readonly trust: Contact['trust'];
  readonly always?: boolean;
}) {
  const { say } = useTexts();
  const Mark = marks[trust];
  if (Mark === undefined && !always) return null;
  return (
    <span className={`trust trust-${trust}`}>
      {Mark !== undefined && <Mark size={16} aria-hidden />}
      {say(`trust.${trust}`)}
    </span>
  );
}
