/**
 * This store is an old copy: it becomes a new device (docs/architecture.md, "Feeds, epochs and queues"). First what
 * the account has become since is looked up, so that its log is gone on with; then everything is one step.
 */
import { parseAddress } from '@mycelium/protocol';
import { becomeNewDevice } from '../account/become-new-device.ts';
import { requireAccount } from '../account/account-row.ts';
import { storedRows } from '../loop/draft.ts';
import type { Loop } from '../loop/loop.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import { findOwn } from './begin-account.ts';

export async function renewDevice(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  name: string,
): Promise<void> {
  const account = requireAccount(storedRows(ports.store));
  const address = parseAddress(account.address);
  const found = address.ok
    ? await findOwn(ports, address.value, account.secrets).catch(() => undefined)
    : undefined;
  await loop.step((draft) => becomeNewDevice(draft, stepPorts, { name, found: found?.card }));
}
