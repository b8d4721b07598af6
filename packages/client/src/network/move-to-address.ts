/** The account takes another address, when nobody is found to have it (spec/identity.md, "Moved addresses"). */
import { bytesEqual, parseAddress } from '@mycelium/protocol';
import { requireAccount } from '../account/account-row.ts';
import { moveAddress } from '../account/change-account.ts';
import { ClientError } from '../client.ts';
import type { Loop } from '../loop/loop.ts';
import { storedRows } from '../loop/rows.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import type { AccountRow } from '../store/rows.ts';
import { findAccounts } from './find-accounts.ts';

export async function moveToAddress(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  typed: string,
): Promise<AccountRow> {
  const address = parseAddress(typed);
  if (!address.ok) throw new ClientError('bad-address', `The address ${address.refusal.rule}.`);
  const { accountId } = requireAccount(storedRows(ports.store));
  const { candidates } = await findAccounts(ports, address.value);
  if (candidates.some(({ card }) => !bytesEqual(card.state.accountId, accountId))) {
    throw new ClientError('contested', 'Somebody else has this address: take another one.');
  }
  return loop.step((draft) => moveAddress(draft, stepPorts, address.value));
}
