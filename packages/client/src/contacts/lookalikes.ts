/** What a person is told when an address is new here and may be taken for another (spec/identity.md, "Look-alikes"). */
import { addressSkeleton, parseAddress, reportLookalike } from '@mycelium/protocol';
import type { Rows } from '../loop/rows.ts';
import type { ContactRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';

/** Asked once, when a contact is new: all others are looked at. Undefined: it looks like nobody else. */
export function lookalikeWarning(rows: Rows, text: string): string | undefined {
  const address = parseAddress(text);
  if (!address.ok) return undefined;
  const skeleton = addressSkeleton(address.value);
  const own = rows.get(tables.account, accountRowKey)?.address;
  const alike = [
    ...(own === undefined ? [] : [own]),
    ...rows.scan(tables.contacts).map(({ row }) => row.address),
  ]
    .filter((other) => other !== text)
    .find((other) => {
      const parsed = parseAddress(other);
      return parsed.ok && addressSkeleton(parsed.value) === skeleton;
    });
  if (alike === own && alike !== undefined)
    return `This address looks like your own (${alike}) and is another one.`;
  if (alike !== undefined) return `This address looks like that of your contact ${alike} and is another one.`;
  const { mixedScripts, looksLike } = reportLookalike(address.value);
  if (looksLike !== undefined) return `This address looks like ${looksLike} and is another one.`;
  return mixedScripts ? 'This address mixes letters of scripts that are not used together.' : undefined;
}

/** The part of a new contact's row. */
export function warned(rows: Rows, address: string): Pick<ContactRow, 'warning'> {
  const warning = lookalikeWarning(rows, address);
  return warning === undefined ? {} : { warning };
}
