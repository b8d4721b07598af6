/** What the mail agent reports, each as a step of the loop: persisted before the agent gets its answer. */
import type { MailHandler } from '@mycelium/runtime';
import { acknowledge } from '../conversation/acknowledge.ts';
import { loseFrames } from '../conversation/lost.ts';
import { receive } from '../conversation/receive.ts';
import { takePiece } from '../contacts/take-piece.ts';
import type { Loop } from '../loop/loop.ts';
import type { ClientPorts, StepPorts } from '../ports.ts';
import { placeKey } from '../store/keys.ts';
import { takeAhead } from '../account/ahead.ts';

export function createMailHandler(ports: ClientPorts, stepPorts: StepPorts, loop: Loop): MailHandler {
  return {
    framesToSend(route, from, framesMax) {
      const range = { from: placeKey(route, from), to: placeKey(route, from + framesMax) };
      return ports.store.scan('frames', range).map(({ value }) => value);
    },
    acknowledged: (route, peer, next) => loop.step((draft) => acknowledge(draft, { route, peer, next })),
    ahead: (route, peer, next) => loop.step((draft) => takeAhead(draft, stepPorts, { route, peer, next })),
    received: (route, firstIndex, frames, from) =>
      loop.step((draft) => receive(draft, stepPorts, { route, firstIndex, frames, from })),
    missing: (route, first) => loop.step((draft) => loseFrames(draft, route, first)),
    intake: (route, index, frame) =>
      loop.step((draft) => takePiece(draft, stepPorts, { route, index, frame })),
    refused(_route, _peer, refusal) {
      ports.note?.(`mail: ${refusal.where} ${refusal.rule}`);
    },
    peersChanged: () => undefined,
  };
}
