/** Who does which work of the agenda. Names are `kind` or `kind:rest`. */
import { hexToBytes } from '@mycelium/protocol';
import { lookAtAddresses, rotateKeys } from '../account/maintain.ts';
import { requireAccount } from '../account/account-row.ts';
import { putCard } from '../account/card.ts';
import { joinWaiting } from '../contacts/waiting-feed.ts';
import { leaveRevoked } from '../contacts/revoked-devices.ts';
import { sayHeads } from '../contacts/say-heads.ts';
import { leaveForNewFeed, welcomeAnew } from '../contacts/renew-feed.ts';
import { dropQueue } from '../conversation/drop-queue.ts';
import { forgetKeys } from '../conversation/forget-keys.ts';
import { lookAgain } from '../conversation/lost.ts';
import { workDone, type Doer } from '../loop/agenda.ts';
import type { Loop } from '../loop/loop.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import type { RelayRefusals } from '../relays/refusals.ts';
import { findRelays } from './find-relays.ts';
import { lookUpDomain } from './look-up-domain.ts';
import { lookAtRelays } from './look-at-relays.ts';
import { lookUpNext } from './look-up-contacts.ts';
import { publishClaim } from './publish-claim.ts';
import { renewDevice, syncOwnCard } from './renew-device.ts';
import { submitIntroduction } from './submit-introduction.ts';

export function createDoers(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  refusals: RelayRefusals,
): Readonly<Record<string, Doer>> {
  return {
    claim: (name) => publishClaim(ports, stepPorts, loop, name),
    introduce: (name) => submitIntroduction(ports, loop, name),
    card: () => loop.step((draft) => void putCard(draft, stepPorts, requireAccount(draft))),
    keys: () => loop.step((draft) => rotateKeys(draft, stepPorts)),
    addresses: () => loop.step((draft) => lookAtAddresses(draft, stepPorts)),
    domain: (name) => lookUpDomain(ports, stepPorts, loop, name),
    'find-relays': (name) => findRelays(ports, stepPorts, loop, name),
    relays: (name) => lookAtRelays(ports, stepPorts, loop, { refusals, name }),
    'look-up': () => lookUpNext(ports, stepPorts, loop),
    'own-card': (name) => syncOwnCard(ports, stepPorts, loop, name),
    'forget-keys': () => loop.step((draft) => forgetKeys(draft)),
    'look-again': (name) => loop.step((draft) => lookAgain(draft, stepPorts, name)),
    heads: (name) => loop.step((draft) => sayHeads(draft, stepPorts, name)),
    join: (name) => loop.step((draft) => joinWaiting(draft, stepPorts, name)),
    'leave-feed': (name) => loop.step((draft) => leaveRevoked(draft, name)),
    'new-feed': (name) => loop.step((draft) => leaveForNewFeed(draft, stepPorts, name)),
    rejoin: (name) => loop.step((draft) => welcomeAnew(draft, stepPorts, name)),
    expiry: (name) => renewDevice(ports, stepPorts, loop, name),
    renew: (name) => renewDevice(ports, stepPorts, loop, name),
    leave: (name) =>
      loop.step((draft) => {
        const route = hexToBytes(name.slice('leave:'.length));
        if (route !== undefined) dropQueue(draft, route);
        workDone(draft, name);
      }),
  };
}
