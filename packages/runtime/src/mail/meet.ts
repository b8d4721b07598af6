/**
 * Whether a peer is there, and what it says of itself (spec/mail.md, "Status"): for who chooses relays. Over the link that there is,
 * else over a new one, which is let go again.
 */
import type { Cancellation } from '../ports/cancellation.ts';
import type { PeerReport } from './agent.ts';
import type { ClientLink } from './client-link.ts';
import type { Peer, PeerUser } from './peer.ts';
import type { Surroundings } from './surroundings.ts';

/** Undefined: it cannot be reached now, or says nothing. */
export function meetPeer(
  around: Surroundings,
  peer: Peer,
  signal: Cancellation,
): Promise<PeerReport | undefined> {
  return new Promise((resolve) => {
    let forget = (): void => undefined;
    const end = (report: PeerReport | undefined): void => {
      cancelTimeout();
      signal.removeEventListener('abort', giveUp);
      forget();
      peer.noNeed(user);
      resolve(report);
    };
    const giveUp = (): void => end(undefined);
    const user: PeerUser = {
      linked(link) {
        forget();
        forget = link.onReport(() => end(reportOf(link)));
      },
      unlinked: () => forget(),
      unreachable: giveUp,
    };
    const cancelTimeout = around.clock.after(around.limits.onceTimeoutMs, giveUp);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) return giveUp();
    peer.need(user);
    return peer.hurry();
  });
}

function reportOf(link: ClientLink): PeerReport {
  return {
    rttMs: link.rttMs ?? 0,
    loadPercent: link.report?.loadPercent ?? 0,
    queues: link.report?.queues ?? 0,
    // A device that takes its own mail only keeps nothing for others; whose "stored" is no disk is nobody to rely on.
    keepsMail: (link.hello?.retentionSeconds ?? 0) > 0 && !link.replicatedOnly,
  };
}
