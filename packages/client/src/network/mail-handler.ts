/** What the mail agent reports, each as a step of the loop: persisted before the agent gets its answer. */
import { bytesEqual, type Route } from '@mycelium/protocol';
import { ClientError } from '../client.ts';
import type { MailHandler } from '@mycelium/runtime';
import { acknowledge, nothingAcknowledged } from '../conversation/acknowledge.ts';
import { loseFrames } from '../conversation/lost.ts';
import { lastTaken, passFrame, receive, type ReceivedFrames } from '../conversation/receive.ts';
import { takePiece } from '../contacts/take-piece.ts';
import { storedRows } from '../loop/rows.ts';
import type { Loop } from '../loop/loop.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import type { RelayRefusals } from '../relays/refusals.ts';
import { mapKey, placeKey } from '../store/keys.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { createAheadCheck } from './check-ahead.ts';
import { pause } from './deadline.ts';

/**
 * Who is there answers with a receipt within milliseconds: then "delivered" is said at once, and "stored" needs no
 * commit of its own that would hold up the next text. While receipts come, of a thousand texts a second, it waits longer.
 */
const acknowledgeAfterMs = 25;
const acknowledgeWithinMs = 500;

export function createMailHandler(
  ports: ClientPorts,
  stepPorts: StepPorts,
  loop: Loop,
  refusals: RelayRefusals,
): MailHandler {
  const checkAhead = createAheadCheck(ports, loop);
  const acknowledged = nothingAcknowledged();
  return {
    greeted: ({ key }, { replicatedOnly }) => {
      if (replicatedOnly) acknowledged.replicatedOnly.add(mapKey(key));
      else acknowledged.replicatedOnly.delete(mapKey(key));
    },
    framesToSend(route, from, framesMax) {
      const range = { from: placeKey(route, from), to: placeKey(route, from + framesMax) };
      const rows = storedRows(ports.store).scan(tables.frames, range);
      // A frame that is gone ends the run: what follows must not take its index.
      const hole = rows.findIndex(({ key }, at) => !bytesEqual(key, placeKey(route, from + at)));
      return (hole < 0 ? rows : rows.slice(0, hole)).map(({ row }) => row);
    },
    acknowledged: async (route, peer, next) => {
      refusals.took(peer);
      const begunMs = ports.clock.monotonicMs();
      for (let isDone = false; !isDone;) {
        await pause(ports.clock, acknowledgeAfterMs);
        const monotonicMs = ports.clock.monotonicMs();
        const mayWait = monotonicMs - begunMs < acknowledgeWithinMs;
        isDone = await loop.step((draft) =>
          acknowledge(draft, acknowledged, { route, peer, next, monotonicMs, mayWait }),
        );
      }
    },
    ahead: (route, peer, claim) => checkAhead({ route, peer, ...claim }),
    lastTaken: (route) => lastTaken(storedRows(ports.store), route),
    received: (route, firstIndex, frames, from) => {
      const received = { route, firstIndex, frames, from };
      return guarded(
        ports,
        () => loop.step((draft) => receive(draft, stepPorts, received)),
        () => oneByOne(stepPorts, loop, received),
      );
    },
    missing: (route, first) => loop.step((draft) => loseFrames(draft, stepPorts, route, first)),
    intake: (route, _index, frame) =>
      guarded(
        ports,
        () => loop.step((draft) => takePiece(draft, stepPorts, { route, frame })),
        // Not kept: without this piece its introduction never comes whole again.
        () => Promise.resolve(),
      ),
    refused(route, peer, refusal) {
      if (route !== undefined && isCard(ports, route)) refusals.refused(peer, refusal.code);
      ports.note?.(`mail: ${refusal.where} ${refusal.rule}`);
    },
    peersChanged: () => undefined,
  };
}

function isCard(ports: ClientPorts, route: Route): boolean {
  const account = storedRows(ports.store).get(tables.account, accountRowKey);
  return account !== undefined && bytesEqual(account.cardRoute, route);
}

/**
 * What somebody sent must not stop us twice: a step that failed for a reason that is not our disk's (a library that
 * throws at what it is given) is not tried again as it was.
 */
async function guarded<T>(ports: ClientPorts, take: () => Promise<T>, pass: () => Promise<T>): Promise<T> {
  try {
    return await take();
  } catch (error) {
    if (error instanceof ClientError) throw error;
    ports.note?.('something that came in could not be taken, and is passed');
    return pass();
  }
}

/** Frames each in a step of its own, so that only the one that fails is passed. */
async function oneByOne(stepPorts: StepPorts, loop: Loop, received: ReceivedFrames): Promise<number> {
  let wanted = received.firstIndex;
  for (const [at, frame] of received.frames.entries()) {
    const index = received.firstIndex + at;
    const single = { ...received, firstIndex: index, frames: [frame] };
    try {
      wanted = await loop.step((draft) => receive(draft, stepPorts, single));
    } catch (error) {
      if (error instanceof ClientError) throw error;
      wanted = await loop.step((draft) => passFrame(draft, stepPorts, single));
    }
    if (wanted <= index) return wanted;
  }
  return wanted;
}
