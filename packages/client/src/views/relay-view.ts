/** The relays of the account and those that could take their place, in words for people. */
import { formatPeerAddress } from '@mycelium/protocol';
import { namedPeers, relayCandidates } from '../account/wanted-relays.ts';
import type { RelayView } from '../relay-views.ts';
import type { Rows } from '../loop/rows.ts';
import type { StepPorts } from '../ports.ts';
import { isAway, type RelayHealth } from '../relays/health.ts';
import { hasKey } from '../relays/peer-lists.ts';
import { accountRowKey, tables } from '../store/tables.ts';

export function relayViews(
  rows: Rows,
  ports: Pick<StepPorts, 'primitives' | 'ownAddresses' | 'isRelay'>,
): readonly RelayView[] {
  const account = rows.get(tables.account, accountRowKey);
  if (account === undefined) return [];
  const own = ports.ownAddresses();
  const named = namedPeers(rows, ports);
  const views = relayCandidates(rows, ports).map(({ peers: [peer], health, from, replaced }): RelayView => {
    const isOwn = hasKey(own, peer);
    const origin = originOf({ isOwn, isNamed: hasKey(named, peer), from });
    return {
      address: formatPeerAddress(peer),
      use: hasKey(account.relays, peer) ? 'account' : 'spare',
      named: !isOwn && hasKey(named, peer),
      ...(isOwn ? { state: 'there' } : conditionOf(health)),
      note: [origin, ...remarksOn(health, replaced)].join('; '),
    };
  });
  const at = ({ use }: RelayView): number => (use === 'account' ? 0 : 1);
  return views.toSorted((left, right) => at(left) - at(right));
}

function originOf({
  isOwn,
  isNamed,
  from,
}: {
  readonly isOwn: boolean;
  readonly isNamed: boolean;
  readonly from: string;
}): string {
  if (isOwn) return 'this node itself';
  if (isNamed) return 'named by you';
  return from === '' ? 'known from the configuration' : `a relay of ${from}`;
}

function conditionOf(health: RelayHealth): Pick<RelayView, 'state' | 'since' | 'rttMs' | 'loadPercent'> {
  if (health.looks === 0) return { state: 'unknown' };
  if (health.awayLooks > 0) return { state: 'away', since: health.awaySinceMs };
  const { rttMs, loadPercent, steadySinceMs } = health;
  if (health.refusesSinceMs > 0) return { state: 'refuses', since: health.refusesSinceMs };
  return { state: 'there', since: steadySinceMs, rttMs, loadPercent };
}

const remarkableFailures = 0.05;

function remarksOn(health: RelayHealth, replaced: boolean): readonly string[] {
  const remarks: string[] = [];
  if (health.looks > 0 && health.awayLooks === 0 && !health.keepsMail)
    remarks.push('keeps no mail for others');
  if (replaced) remarks.push('replaced because it stayed away; it returns after a day of being there');
  if (isAway(health))
    remarks.push('others stand in; after three days another one takes its place if there is one');
  else if (health.failures > remarkableFailures)
    remarks.push(`away at ${Math.round(health.failures * 100)} % of the last looks`);
  return remarks;
}
