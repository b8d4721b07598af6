/**
 * The card of the account: put into its queue whenever something in it changed, and before relays forget it. Only the
 * newest card is kept; a reader takes the newest that is whole.
 */
import {
  assert,
  bytesEqual,
  cardQueueKeys,
  createReader,
  frameCount,
  mailFrameTypes,
  messageKinds,
  routeOf,
  sealMessage,
  signCard,
  verifyCard,
  verifyDeviceCertificate,
  openFrame,
  addFrame,
  createAssembler,
  type Card,
  type CardDevice,
  type CardPointer,
  type FeedReader,
  type FeedWriter,
  type Primitives,
  type VerifiedCard,
} from '@mycelium/protocol';
import type { QueueKeys } from '@mycelium/runtime';
import type { Draft } from '../loop/draft.ts';
import { planWork } from '../loop/agenda.ts';
import type { StepPorts } from '../ports.ts';
import { placeKey } from '../store/keys.ts';
import type { AccountRow, QueueRow } from '../store/rows.ts';
import { accountRowKey, tables } from '../store/tables.ts';
import { accountState } from './account-row.ts';
import { intakeKeys, keyPackages } from './device-keys.ts';

/** A third of the time that relays keep it. */
export const cardEveryMs: number = 10 * 24 * 3_600_000;
const guardBytes = 8;

export function ownCardPointer(primitives: Primitives, account: AccountRow): CardPointer {
  const { cardSecret, cardOwnerSeed } = account.secrets;
  return { cardSecret, ownerPublicKey: primitives.ed25519PublicKey(cardOwnerSeed) };
}

export function cardQueue(primitives: Primitives, pointer: CardPointer): QueueKeys {
  const { readerSeed } = cardQueueKeys(primitives, pointer.cardSecret);
  const { ownerPublicKey } = pointer;
  const route = routeOf(primitives, primitives.ed25519PublicKey(readerSeed), ownerPublicKey);
  return { route, readerSeed, ownerPublicKey };
}

/** This device as cards and introductions name it. */
export function ownCardDevice(draft: Draft, ports: StepPorts, account: AccountRow): CardDevice {
  const [pair] = keyPackages(draft);
  const [intake] = intakeKeys(draft);
  assert(pair !== undefined && intake !== undefined, 'an account has device keys');
  return {
    certificate: account.device.certificate,
    keyPackage: pair.keyPackage,
    intake: {
      publicKey: intake.publicKey,
      route: account.device.intakeRoute,
      relays: account.relays,
      difficulty: ports.intakeDifficulty,
    },
  };
}

/** Makes the card of today, puts it into the queue and forgets the one before. */
export function putCard(draft: Draft, ports: StepPorts, account: AccountRow): AccountRow {
  const { primitives } = ports;
  if (account.unconfirmed) {
    // Nothing is written over what another device of the account may have said.
    draft.put(tables.account, accountRowKey, account);
    return account;
  }
  const next = { ...account, cardSequence: account.cardSequence + 1 };
  const card: Card = {
    sequence: next.cardSequence,
    timeMs: draft.nowMs,
    log: next.log,
    devices: [ownCardDevice(draft, ports, next), ...otherDevices(primitives, next, draft.nowMs)],
    domainProof: next.domainProof,
  };
  const content = signCard(primitives, card, next.device.seed);
  const queue = ownCardQueue(draft, primitives, next);
  const frames = sealCard(ports, next, { content, timeMs: draft.nowMs, firstIndex: queue.next });
  draft.deleteRange(tables.frames, placeKey(queue.route, queue.base), placeKey(queue.route, queue.next));
  const put = { ...queue, relays: next.relays, base: queue.next, next: queue.next + frames.length };
  for (const [at, frame] of frames.entries())
    draft.put(tables.frames, placeKey(queue.route, put.base + at), frame);
  draft.put(tables.queues, queue.route, put);
  draft.put(tables.account, accountRowKey, next);
  declareCard(draft, put);
  if (put.base > 0) draft.effect({ kind: 'trim', route: put.route, upTo: put.base });
  planWork(draft, 'card', draft.nowMs + cardEveryMs);
  return next;
}

/** As their own cards named them, while they are live. */
function otherDevices(primitives: Primitives, account: AccountRow, nowMs: number): readonly CardDevice[] {
  const state = accountState(primitives, account);
  return account.otherDevices.filter(({ certificate }) => {
    const named = verifyDeviceCertificate(primitives, state, certificate, nowMs);
    return named.ok && !bytesEqual(named.value.deviceKey, account.device.key);
  });
}

type CardQueueRow = Extract<QueueRow, { readonly kind: 'card' }>;

function ownCardQueue(draft: Draft, primitives: Primitives, account: AccountRow): CardQueueRow {
  const keys = cardQueue(primitives, ownCardPointer(primitives, account));
  const known = draft.get(tables.queues, keys.route);
  if (known?.kind === 'card') return known;
  const ownerSeed = account.secrets.cardOwnerSeed;
  return { kind: 'card', ...keys, ownerSeed, relays: account.relays, base: 0, next: 0 };
}

export function declareCard(draft: Draft, queue: CardQueueRow): void {
  const { route, readerSeed, ownerPublicKey, ownerSeed, base, next, relays: peers } = queue;
  draft.effect({ kind: 'own', queue: { route, readerSeed, ownerPublicKey, ownerSeed, base, next, peers } });
}

/** The generation of a frame of a card is its index: devices that share the queue differ in their guards. */
function sealCard(
  ports: StepPorts,
  account: AccountRow,
  card: { readonly content: Uint8Array; readonly timeMs: number; readonly firstIndex: number },
): readonly Uint8Array[] {
  const { primitives } = ports;
  const { cardSecret, cardOwnerSeed } = account.secrets;
  const pointer = ownCardPointer(primitives, account);
  const parts = frameCount(card.content.length);
  const writer: FeedWriter = {
    ...cardQueue(primitives, pointer),
    ownerSeed: cardOwnerSeed,
    chainKey: cardQueueKeys(primitives, cardSecret).chainKey,
    generation: 0,
    reservedUntil: parts,
    index: card.firstIndex,
    sequence: account.cardSequence,
    runningHash: undefined,
  };
  const message = {
    kind: messageKinds.card,
    flags: 0,
    timeNs: BigInt(card.timeMs) * 1_000_000n,
    content: card.content,
  };
  return sealMessage(writer, message, ports.randomness.bytes(parts * guardBytes), primitives).frames;
}

/** The newest whole card that its frames hold and that verifies. */
export function openCard(
  primitives: Primitives,
  pointer: CardPointer,
  frames: readonly Uint8Array[],
  nowMs: number,
): VerifiedCard | undefined {
  let newest: VerifiedCard | undefined;
  const keys = cardQueue(primitives, pointer);
  const fresh: FeedReader = createCardReader(primitives, pointer, keys);
  let assembler = createAssembler(0);
  for (const frame of frames) {
    if (frame[0] === undefined || frame[0] > mailFrameTypes.long) continue;
    const opened = openFrame(fresh, frame, nowMs, primitives);
    if (!opened.ok) continue;
    const added = addFrame(assembler, opened.value.opened, primitives);
    if (!added.ok) continue;
    ({ assembler } = added.value);
    const { message } = added.value;
    const card =
      message?.kind === messageKinds.card ? verifyCard(primitives, message.content, nowMs) : undefined;
    if (card?.ok === true && card.value.sequence >= (newest?.sequence ?? 0)) newest = card.value;
  }
  return newest;
}

function createCardReader(primitives: Primitives, pointer: CardPointer, keys: QueueKeys): FeedReader {
  const { chainKey } = cardQueueKeys(primitives, pointer.cardSecret);
  const empty = createReader(new Uint8Array(32), keys.ownerPublicKey, primitives);
  return { ...empty, route: keys.route, readerSeed: keys.readerSeed, chainKey };
}
