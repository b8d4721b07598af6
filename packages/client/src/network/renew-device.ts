/**
 * Before this device writes over what another one of the account wrote (its card, its log), it reads that: from its
 * own relays and through the directory. Not knowing it would split the account's history in two.
 */
import { parseAddress, type VerifiedCard } from '@mycelium/protocol';
import { becomeNewDevice } from '../account/become-new-device.ts';
import { requireAccount } from '../account/account-row.ts';
import { ownCardPointer } from '../account/card.ts';
import { takeOwnCard } from '../account/take-own-card.ts';
import { storedRows } from '../loop/rows.ts';
import type { Loop } from '../loop/loop.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import { textKey } from '../store/keys.ts';
import { tables } from '../store/tables.ts';
import { findOwn } from './begin-account.ts';
import { readCard } from './read-card.ts';

/** After so many tries without an answer a device that is stopped goes on with what it knows: some minutes. */
const triesMax = 6;

export async function renewDevice(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  name: string,
): Promise<void> {
  const found = await newestOwnCard(ports);
  const tries = storedRows(ports.store).get(tables.agenda, textKey(name))?.attempts ?? 0;
  if (found === undefined && tries < triesMax) throw new Error('the own card cannot be read now');
  await loop.step((draft) => becomeNewDevice(draft, stepPorts, { name, found }));
}

export async function syncOwnCard(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  name: string,
): Promise<void> {
  const card = await newestOwnCard(ports);
  if (card === undefined) throw new Error('the own card cannot be read now');
  await loop.step((draft) => takeOwnCard(draft, stepPorts, { name, card }));
}

export async function newestOwnCard(ports: ClientPorts): Promise<VerifiedCard | undefined> {
  const account = requireAccount(storedRows(ports.store));
  const address = parseAddress(account.address);
  const pointer = ownCardPointer(ports.primitives, account);
  const [atRelays, looked] = await Promise.all([
    readCard(ports, pointer, account.relays),
    address.ok ? findOwn(ports, address.value, account).catch(() => undefined) : undefined,
  ]);
  const cards = [atRelays, looked?.card].filter((card) => card !== undefined);
  return cards.toSorted((left, right) => right.log.length - left.log.length)[0];
}
