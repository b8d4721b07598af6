/**
 * Something that the person should know. Who causes it may cause it again and again: the same is told once a day, as
 * far as the newest events show, so that nobody fills the disk, or the person's eyes, with it.
 */
import type { Announcement, Draft } from '../loop/draft.ts';
import { tables } from '../store/tables.ts';

const toldMs = 86_400_000;
const looksAt = 64;

export function tellSecurity(
  draft: Draft,
  told: Extract<Announcement, { readonly event: 'security' }>,
): void {
  const newest = draft.scan(tables.events, { reverse: true, limit: looksAt });
  const known = newest.some(
    ({ row }) =>
      row.event === 'security' &&
      row.kind === told.kind &&
      row.address === told.address &&
      row.text === told.text &&
      draft.nowMs - row.time < toldMs,
  );
  if (!known) draft.announce(told);
}
