/**
 * The directory through relays (spec/mail.md, "Directory"): each of them that offers it is asked, over a link of its own
 * where there is none. Look-ups are answered by two at most, since every one that is asked learns the locator.
 */
import { encodeLookUp, encodePublish, helloFeatures, requestIdBytes, type Route } from '@mycelium/protocol';
import type { Cancellation } from '../ports/cancellation.ts';
import type { DirectoryAnswer, RelayedRecord } from './agent.ts';
import type { ClientLink } from './client-link.ts';
import type { Asked } from './directory-requests.ts';
import type { Peer, PeerUser } from './peer.ts';
import type { Surroundings } from './surroundings.ts';

const askedAtOnce = 2;
/** Failed dials or broken links before a peer counts as unreachable. */
const attemptsMax = 2;

type Ask = (link: ClientLink, answered: (answer: Asked) => void) => void;

/** Two at a time, until somebody knows nodes of the directory. */
export async function lookUpThrough(
  around: Surroundings,
  locator: Uint8Array,
  peers: readonly Peer[],
  signal: Cancellation,
): Promise<readonly DirectoryAnswer[]> {
  const ask: Ask = (link, answered) => {
    const requestId = around.randomness.bytes(requestIdBytes);
    link.directory.ask(encodeLookUp({ requestId, locator }), requestId, answered);
  };
  for (let at = 0; at < peers.length && !signal.aborted; at += askedAtOnce) {
    const answers = await askPeers(around, ask, peers.slice(at, at + askedAtOnce), signal);
    const told = answers.filter(({ nodes, records }) => nodes > 0 || records.length > 0);
    if (told.length > 0) return told;
  }
  return [];
}

export function publishThrough(
  around: Surroundings,
  { route, record, now }: RelayedRecord,
  peers: readonly Peer[],
  signal: Cancellation,
): Promise<readonly DirectoryAnswer[]> {
  const ask: Ask = (link, answered) => {
    const requestId = around.randomness.bytes(requestIdBytes);
    whenOwned(link, route, () =>
      link.directory.ask(encodePublish({ route, requestId, now, record }), requestId, answered),
    );
  };
  return askPeers(around, ask, peers, signal);
}

/** The owner of the queue opens it on the same link, sooner or later. */
function whenOwned(link: ClientLink, route: Route, owned: () => void): void {
  if (link.queue(route)?.owner.phase === 'open') return owned();
  const user = {
    heard: (effect: { readonly kind: string; readonly role?: string }) => {
      if (effect.kind !== 'opened' || effect.role !== 'owner') return;
      link.detach(route, user);
      owned();
    },
  };
  link.attach(route, user);
}

function askPeers(
  around: Surroundings,
  ask: Ask,
  peers: readonly Peer[],
  signal: Cancellation,
): Promise<readonly DirectoryAnswer[]> {
  return new Promise((resolve) => {
    const answers: DirectoryAnswer[] = [];
    const users = new Map<Peer, PeerUser>();
    const finish = (): void => {
      cancelTimeout();
      signal.removeEventListener('abort', finish);
      for (const [peer, user] of users) peer.noNeed(user);
      users.clear();
      resolve(answers);
    };
    const cancelTimeout = around.clock.after(around.limits.onceTimeoutMs, finish);
    signal.addEventListener('abort', finish);
    const answered = (peer: Peer, answer: Asked): void => {
      const user = users.get(peer);
      if (user === undefined) return;
      users.delete(peer);
      peer.noNeed(user);
      if (answer !== undefined) answers.push(answer);
      if (users.size === 0) finish();
    };
    for (const peer of peers)
      users.set(
        peer,
        askingUser(ask, (answer) => answered(peer, answer)),
      );
    if (signal.aborted || peers.length === 0) return finish();
    for (const [peer, user] of Array.from(users)) {
      peer.need(user);
      peer.hurry();
    }
  });
}

function askingUser(ask: Ask, answered: (answer: Asked) => void): PeerUser {
  let failures = 0;
  return {
    linked(link: ClientLink) {
      const offers = ((link.hello?.features ?? 0) & helloFeatures.directory) !== 0;
      if (offers) ask(link, answered);
      else answered(undefined);
    },
    unlinked: () => undefined,
    unreachable() {
      failures += 1;
      if (failures >= attemptsMax) answered(undefined);
    },
  };
}
