/**
 * What every `Transport` must do, as cases that any test runner can run:
 * `for (const { title, run } of transportCases) test(title, () => run(subject))`. A case that never ends has failed.
 */
import { bytesEqual, type PeerAddress } from '@mycelium/protocol';
import {
  TransportError,
  type Cancellation,
  type Link,
  type Transport,
  type TransportErrorCode,
} from '@mycelium/runtime';
import { expectTrue } from './case.ts';
import { LinkInbox } from './link-inbox.ts';

export interface TransportSubject {
  /** A transport with a key of its own, not listening yet. The subject closes it after the case. */
  create(): Transport;
  /** How `dialler` reaches a listening transport over the path under test. */
  addressOf(listening: Transport): PeerAddress;
  /** An address that says `expected`, where `impostor` listens. */
  impostor(expected: Transport, impostor: Transport): Promise<PeerAddress>;
  /** An address where nobody is. */
  nowhere(): PeerAddress;
  /** Lets the world go on until `work` is settled. The real world does so by itself. */
  settle<T>(work: Promise<T>): Promise<T>;
}

export interface TransportCase {
  readonly title: string;
  readonly run: (subject: TransportSubject) => Promise<void>;
}

/** For dials that nobody gives up. */
const patience: Cancellation = {
  aborted: false,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
};

interface Pair {
  readonly alice: LinkInbox;
  readonly bob: LinkInbox;
  readonly dialler: Transport;
  readonly listener: Transport;
}

/** Alice dials Bob. */
async function pair(subject: TransportSubject): Promise<Pair> {
  const dialler = subject.create();
  const listener = subject.create();
  const accepted = listenForOne(listener);
  await subject.settle(accepted.listening);
  const link = await subject.settle(dialler.dial(subject.addressOf(listener), patience));
  const alice = new LinkInbox(link);
  return { alice, bob: await subject.settle(accepted.first), dialler, listener };
}

function listenForOne(listener: Transport): { listening: Promise<void>; first: Promise<LinkInbox> } {
  let accept: (inbox: LinkInbox) => void = () => undefined;
  const first = new Promise<LinkInbox>((resolve) => {
    accept = resolve;
  });
  return { listening: listener.listen((link) => accept(new LinkInbox(link))), first };
}

/** Bytes that tell their place, so that anything lost, doubled or moved shows. */
function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

function* pieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function expectArrives(
  subject: TransportSubject,
  bytes: Uint8Array,
  sizes: readonly number[],
): Promise<void> {
  const { alice, bob } = await pair(subject);
  const written = alice.writeAll(pieces(bytes, sizes));
  const arrived = await subject.settle(bob.until(bytes.length));
  await subject.settle(written);
  expectTrue(bytesEqual(arrived, bytes), 'the same bytes in the same order');
}

async function expectRefused(
  subject: TransportSubject,
  dial: Promise<Link>,
  ...codes: readonly TransportErrorCode[]
): Promise<void> {
  const outcome = await subject.settle(
    dial.then(
      () => 'a link',
      (error: unknown) =>
        error instanceof TransportError ? error.code : `not a TransportError: ${String(error)}`,
    ),
  );
  expectTrue(
    codes.some((code) => code === outcome),
    `${codes.join(' or ')}, got ${outcome}`,
  );
}

const bytesCases: readonly TransportCase[] = [
  {
    title: 'both ends know the key of the other, the same path, and who dialled',
    run: async (subject) => {
      const { alice, bob, dialler, listener } = await pair(subject);
      expectTrue(bytesEqual(alice.link.remoteKey, listener.key), 'the dialler has the key of the listener');
      expectTrue(bytesEqual(bob.link.remoteKey, dialler.key), 'the listener has the key of the dialler');
      expectTrue(alice.link.path === bob.link.path, 'one path');
      expectTrue(alice.link.initiator && !bob.link.initiator, 'Alice dialled');
    },
  },
  {
    title: 'bytes arrive in order, whatever the sizes of the writes',
    run: (subject) =>
      expectArrives(subject, pattern(1_000_000), [1, 128, 65_535, 2, 65_536, 65_537, 4_096, 199_999]),
  },
  {
    title: 'what arrives is plain bytes: who keeps a slice of it does not hold the rest',
    run: async (subject) => {
      const { alice, bob } = await pair(subject);
      alice.link.write(pattern(4_096));
      await subject.settle(bob.until(4_096));
      expectTrue(bob.slicesAreCopies, 'a slice of what arrived is a copy');
    },
  },
  {
    title: 'one write of 5 MB arrives whole',
    run: (subject) => expectArrives(subject, pattern(5_000_000), [5_000_000]),
  },
  {
    title: '20,000 writes of 128 bytes arrive in order',
    run: (subject) => expectArrives(subject, pattern(2_560_000), [128]),
  },
  {
    title: 'the listener may speak first, and both may speak at once',
    run: async (subject) => {
      const { alice, bob } = await pair(subject);
      const [toBob, toAlice] = [pattern(700_000, 2), pattern(900_000, 3)];
      const written = Promise.all([
        bob.writeAll(pieces(toAlice, [70_000])),
        alice.writeAll(pieces(toBob, [4_096])),
      ]);
      expectTrue(bytesEqual(await subject.settle(alice.until(900_000)), toAlice), 'Alice has what Bob sent');
      expectTrue(bytesEqual(await subject.settle(bob.until(700_000)), toBob), 'Bob has what Alice sent');
      await subject.settle(written);
    },
  },
  {
    title: 'a writer is held back while the peer does not read, and all arrives when it reads again',
    run: async (subject) => {
      const { alice, bob } = await pair(subject);
      bob.link.pause();
      const piece = pattern(65_536, 4);
      // Systems and links have buffers; what matters is that there is an end to them.
      const most = 2_000;
      let sent = 0;
      const fill = (async () => {
        while (sent < most) {
          sent += 1;
          if (!alice.link.write(piece)) break;
          await Promise.resolve();
        }
      })();
      await subject.settle(fill);
      expectTrue(sent < most, 'write says no before 128 MB are queued');
      bob.link.resume();
      const arrived = await subject.settle(bob.until(sent * piece.length));
      expectTrue(arrived.length === sent * piece.length, 'every byte arrives once');
      expectTrue(bytesEqual(arrived.subarray(-piece.length), piece), 'the last piece is whole');
      const more = subject.settle(alice.writeAll([piece, piece]));
      await more;
      await subject.settle(bob.until((sent + 2) * piece.length));
    },
  },
  {
    title: 'links between the same two transports are kept apart',
    run: async (subject) => {
      const dialler = subject.create();
      const listener = subject.create();
      await subject.settle(
        listener.listen((link) => link.onBytes((bytes) => link.write(Uint8Array.from(bytes)))),
      );
      const dials = Array.from({ length: 12 }, () => dialler.dial(subject.addressOf(listener), patience));
      const inboxes = (await subject.settle(Promise.all(dials))).map((link) => new LinkInbox(link));
      inboxes.forEach((inbox, index) => inbox.link.write(pattern(3_000, index)));
      for (const [index, inbox] of inboxes.entries()) {
        const echoed = await subject.settle(inbox.until(3_000));
        expectTrue(bytesEqual(echoed, pattern(3_000, index)), 'the echo of its own bytes');
      }
    },
  },
];

const closeCases: readonly TransportCase[] = [
  {
    title: 'what was written before close arrives before the peer hears of the close, once',
    run: async (subject) => {
      const { alice, bob } = await pair(subject);
      alice.link.write(pattern(100_000));
      alice.link.close();
      alice.link.close();
      const reasons = await subject.settle(Promise.all([alice.closed, bob.closed]));
      expectTrue(bytesEqual(bob.all(), pattern(100_000)), 'everything arrived');
      expectTrue(
        reasons.every((reason) => reason.length > 0),
        'both are told why',
      );
      expectTrue(alice.closedTimes === 1 && bob.closedTimes === 1, 'both are told once');
    },
  },
  {
    title: 'the listener may close too, and writing on a closed link does nothing',
    run: async (subject) => {
      const { alice, bob } = await pair(subject);
      bob.link.close();
      await subject.settle(Promise.all([alice.closed, bob.closed]));
      expectTrue(!alice.link.write(pattern(10)), 'write says no');
      expectTrue(!bob.link.write(pattern(10)), 'write says no');
      alice.link.close();
      expectTrue(alice.receivedBytes === 0 && bob.receivedBytes === 0, 'nothing arrived');
    },
  },
  {
    title: 'close ends a link whose peer does not read',
    run: async (subject) => {
      const { alice, bob } = await pair(subject);
      bob.link.pause();
      for (let sent = 0; sent < 200; sent += 1) if (!alice.link.write(pattern(65_536))) break;
      alice.link.close();
      await subject.settle(alice.closed);
    },
  },
  {
    title: 'closing a transport closes its links at both ends',
    run: async (subject) => {
      const { alice, bob, listener } = await pair(subject);
      await subject.settle(listener.close());
      await subject.settle(Promise.all([alice.closed, bob.closed]));
    },
  },
];

const dialCases: readonly TransportCase[] = [
  {
    title: 'a peer with another key than the one dialled is refused, and hears of no link',
    run: async (subject) => {
      const [alice, bob, mallory] = [subject.create(), subject.create(), subject.create()];
      let accepted = 0;
      await subject.settle(mallory.listen(() => (accepted += 1)));
      const address = await subject.impostor(bob, mallory);
      await expectRefused(subject, alice.dial(address, patience), 'wrong-key', 'unreachable');
      expectTrue(accepted === 0, 'no link at the impostor');
    },
  },
  {
    title: 'dialling where nobody is fails in bounded time',
    run: async (subject) => {
      await expectRefused(subject, subject.create().dial(subject.nowhere(), patience), 'unreachable');
    },
  },
  {
    title: 'a dial that is given up before it starts, or while it goes on, is aborted',
    run: async (subject) => {
      const alice = subject.create();
      const givenUp = { ...patience, aborted: true };
      await expectRefused(subject, alice.dial(subject.nowhere(), givenUp), 'aborted');
      const listeners = new Set<() => void>();
      const signal = {
        aborted: false,
        addEventListener: (_type: 'abort', listener: () => void) => void listeners.add(listener),
        removeEventListener: (_type: 'abort', listener: () => void) => void listeners.delete(listener),
      };
      const dial = alice.dial(subject.nowhere(), signal);
      signal.aborted = true;
      for (const listener of listeners) listener();
      await expectRefused(subject, dial, 'aborted');
      expectTrue(listeners.size === 0, 'the dial listens to the signal no more');
    },
  },
  {
    title: 'a closed transport dials nobody, and nobody reaches it',
    run: async (subject) => {
      const { dialler, listener } = await pair(subject);
      const address = subject.addressOf(listener);
      await subject.settle(dialler.close());
      await expectRefused(subject, dialler.dial(address, patience), 'closed');
      await subject.settle(listener.close());
      await expectRefused(subject, subject.create().dial(address, patience), 'unreachable');
    },
  },
];

export const transportCases: readonly TransportCase[] = [...bytesCases, ...closeCases, ...dialCases];
