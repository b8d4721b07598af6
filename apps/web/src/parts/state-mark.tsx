/** How far a message is, as a shape; the word stands beside it for who does not see shapes. */
import type { Message } from '@mycelium/api';
import { CheckCheck, CirclePause, Clock, PackageCheck, TriangleAlert, type LucideIcon } from 'lucide-react';
import { useTexts, type TextKey } from '../texts/texts.ts';

const marks: Readonly<Record<Message['state'], LucideIcon | undefined>> = {
  queued: Clock,
  stored: PackageCheck,
  delivered: CheckCheck,
  read: CheckCheck,
  failed: TriangleAlert,
  held: CirclePause,
  received: undefined,
};

export function stateKey(state: Message['state']): TextKey {
  return `state.${state}`;
}

export function StateMark({ state }: { readonly state: Message['state'] }) {
  const { say } = useTexts();
  const Mark = marks[state];
  if (Mark === undefined) return null;
  return (
    <span className={`mark mark-${state}`} title={say(stateKey(state))}>
      <Mark size={14} aria-hidden />
      <span className="unseen">{say(stateKey(state))}</span>
    </span>
  );
}
