/**
 * One intake frame, stamped or with a token, to a stranger's peers (spec/mail-clients.md, "Intake"): to all that can be reached, so that it outlives
 * the loss of one; the first *stored* decides, unless it is of
 * a peer whose word does not mean a disk: such a one counts when there is no better. Who reads it knows the same frame when it comes twice.
 */
import { encodeTokenIntake, intakeTokenKeys, takesIntakeTokens } from '@mycelium/protocol';
import type { Cancellation } from '../ports/cancellation.ts';
import type { SubmitOutcome, TokenSubmission } from './agent.ts';
import type { ClientLink } from './client-link.ts';
import type { Peer, PeerUser } from './peer.ts';
import type { Surroundings } from './surroundings.ts';

/** The frame as this peer takes it. Undefined: it takes none of this kind. */
export type FrameFor = (link: ClientLink) => Uint8Array | undefined;

/** A peer that knows of no tokens is not tried. */
export function frameWithToken(
  { primitives }: Pick<Surroundings, 'primitives'>,
  { token, ...intake }: TokenSubmission,
): FrameFor {
  return ({ hello, peer: { key } }) => {
    if (hello === undefined || !takesIntakeTokens(hello)) return undefined;
    return encodeTokenIntake(primitives, intakeTokenKeys(primitives, token, intake.route, key), intake);
  };
}

export function submitFrame(
  around: Surroundings,
  frameFor: FrameFor,
  peers: readonly Peer[],
  signal: Cancellation,
): Promise<SubmitOutcome> {
  return new Promise((resolve) => {
    let outcome: SubmitOutcome = { kind: 'unreachable' };
    let left = peers.length;
    const users = new Map<Peer, PeerUser>();
    const stop = (): void => {
      cancelTimeout();
      signal.removeEventListener('abort', stop);
      for (const [peer, user] of users) peer.noNeed(user);
      users.clear();
      resolve(outcome);
    };
    const cancelTimeout = around.clock.after(around.limits.onceTimeoutMs, stop);
    signal.addEventListener('abort', stop);
    const answered = (peer: Peer, heard: SubmitOutcome, onlyReplicated = false): void => {
      const user = users.get(peer);
      if (user === undefined) return;
      users.delete(peer);
      peer.noNeed(user);
      left -= 1;
      if (heard.kind === 'stored' || outcome.kind === 'unreachable') outcome = heard;
      if (heard.kind === 'stored' && !onlyReplicated) resolve(outcome);
      if (left === 0) stop();
    };
    for (const peer of peers)
      users.set(
        peer,
        submitUser(frameFor, (heard, onlyReplicated) => answered(peer, heard, onlyReplicated)),
      );
    if (signal.aborted || peers.length === 0) return stop();
    for (const [peer, user] of Array.from(users)) {
      peer.need(user);
      peer.hurry();
    }
  });
}

function submitUser(
  frameFor: FrameFor,
  answered: (outcome: SubmitOutcome, onlyReplicated?: boolean) => void,
): PeerUser {
  let failures = 0;
  return {
    linked(link: ClientLink) {
      const frame = frameFor(link);
      if (frame === undefined) return answered({ kind: 'refused', refusal: noTokens });
      link.submit(frame, (answer) => {
        // The link broke before the answer: it is sent again over the next one.
        if (answer === undefined) return;
        if (answer.kind === 'stored') return answered(answer, link.replicatedOnly);
        const rule = `the peer did not take the request: ${answer.name}`;
        const refusal = { code: answer.name, where: 'mail.submit', rule };
        return answered({ kind: 'refused', refusal, stampBits: answer.difficulty });
      });
    },
    unlinked: () => undefined,
    unreachable() {
      failures += 1;
      if (failures >= attemptsMax) answered({ kind: 'unreachable' });
    },
  };
}

const noTokens = { code: 'token', where: 'mail.submit', rule: 'the peer takes no intake tokens' };

/** Failed dials or broken links before a peer counts as unreachable. */
const attemptsMax = 3;
