// Tokens of invites at a relay (spec/mail.md, "Tokens"): who has one needs no stamp, and gets no more than its owner gave.
import {
  beginStamp,
  encodeIntake,
  encodeTokenIntake,
  intakeTokenKeys,
  searchStamp,
  type IntakeGrant,
  type InviteToken,
  type TransportKey,
} from '@mycelium/protocol';
import {
  noMeter,
  perHour,
  type Append,
  type AppendOutcome,
  type QueueNews,
  type QueueStore,
} from '@mycelium/runtime';
import { expect, test } from 'vitest';
import { mailFrame, primitives, queueOf, requestIdOf } from '../../../protocol/test/mail/members.ts';
import { createScene, relayKey, type Client, type Scene } from './scene.ts';

/** More than anybody computes in a test. */
const hard = 24;
const queue = queueOf(1);

function tokenOf(number: number): InviteToken {
  return { id: new Uint8Array(8).fill(number), secret: new Uint8Array(16).fill(number) };
}

function grant(number: number, changes: Partial<IntakeGrant> = {}): IntakeGrant {
  const keys = intakeTokenKeys(primitives, tokenOf(number), queue.route, relayKey);
  return { ...keys, frames: 3, expiresMs: 0, ...changes };
}

function frameBy(scene: Scene, number: number, content: number, relay = relayKey): Uint8Array {
  const keys = intakeTokenKeys(primitives, tokenOf(number), queue.route, relay);
  const sealed = new Uint8Array(4046).fill(content);
  return encodeTokenIntake(primitives, keys, { route: queue.route, timeMs: scene.clock.nowMs(), sealed });
}

async function tell(scene: Scene, alice: Client, ...grants: readonly IntakeGrant[]): Promise<string> {
  alice.open(queue, 'owner', { intakeDifficulty: hard, intakeTokens: grants });
  await scene.settle();
  return alice.heard();
}

async function say(scene: Scene, stranger: Client, ...frames: readonly Uint8Array[]): Promise<string> {
  stranger.send(...frames);
  await scene.settle();
  return stranger.heard();
}

test('who has a token puts as many frames as the owner said, with no stamp', async () => {
  const scene = createScene({ policy: { stampBitsMin: hard } });
  expect(await tell(scene, scene.connect('Alice'), grant(1, { frames: 2 }))).toBe('opened 0-0');
  const bob = scene.connect('Bob', '192.0.2.1');
  expect(await say(scene, bob, frameBy(scene, 1, 1), frameBy(scene, 1, 2))).toBe('stored 0, stored 1');
  expect(await say(scene, bob, frameBy(scene, 1, 3))).toBe('error token');
});

test('a token that nobody was given, that has expired, or that was made for another relay lets nothing in', async () => {
  const scene = createScene();
  const expiresMs = scene.clock.nowMs() + 1_000;
  await tell(scene, scene.connect('Alice'), grant(1, { expiresMs }), grant(2));
  const mallory = scene.connect('Mallory', '192.0.2.7');
  expect(await say(scene, mallory, frameBy(scene, 3, 1))).toBe('error token');
  const elsewhere = new Uint8Array(32).fill(9) as TransportKey;
  expect(await say(scene, mallory, frameBy(scene, 2, 1, elsewhere))).toBe('error token');
  expect(await say(scene, mallory, frameBy(scene, 2, 1).with(20, 0).with(21, 0))).toBe('error token');
  expect(await say(scene, mallory, frameBy(scene, 1, 1))).toBe('stored 0');
  await scene.clock.advance(1_000);
  expect(await say(scene, mallory, frameBy(scene, 1, 2))).toBe('error token');
});

test('a queue of nobody, and one whose owner said nothing of tokens, take none', async () => {
  const scene = createScene();
  const bob = scene.connect('Bob', '192.0.2.1');
  expect(await say(scene, bob, frameBy(scene, 1, 1))).toBe('error token');
  scene.connect('Alice').open(queue, 'owner', { intakeDifficulty: hard });
  await scene.settle();
  expect(await say(scene, bob, frameBy(scene, 1, 1))).toBe('error token');
  expect(await scene.store.usage()).toMatchObject({ queues: 1 });
});

test('a frame that comes again, by whatever connection, is answered as before and uses nothing', async () => {
  const scene = createScene();
  await tell(scene, scene.connect('Alice'), grant(1, { frames: 2 }));
  const frame = frameBy(scene, 1, 1);
  for (const source of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    expect(await say(scene, scene.connect('Mallory', source), frame)).toBe('stored 0');
  const bob = scene.connect('Bob', '192.0.2.4');
  expect(await say(scene, bob, frameBy(scene, 1, 2))).toBe('stored 1');
  expect(await say(scene, bob, frameBy(scene, 1, 3))).toBe('error token');
});

test('while the owner is away and the relay starts again, tokens stay good, and used ones used', async () => {
  const before = createScene();
  const alice = before.connect('Alice');
  await tell(before, alice, grant(1, { frames: 20 }), grant(2));
  alice.hangUp();
  const bob = before.connect('Bob', '192.0.2.1');
  const frames = Array.from({ length: 19 }, (_, at) => frameBy(before, 1, at));
  expect((await say(before, bob, ...frames)).split(', ')).toHaveLength(19);
  const after = createScene({ stored: before.store.crash() });
  const again = after.connect('Bob again', '192.0.2.1');
  const [first = new Uint8Array()] = frames;
  // Before the restart it took the last place but one. It is known again.
  expect(await say(after, again, frames.at(-1) ?? first)).toBe('stored 19');
  expect(await say(after, again, frameBy(after, 1, 100))).toBe('stored 20');
  expect(await say(after, again, frameBy(after, 1, 101))).toBe('error token');
  expect(await say(after, again, frameBy(after, 2, 1))).toBe('stored 21');
});

test('what the owner says anew holds: one token is taken back, the other keeps its count', async () => {
  const scene = createScene();
  const alice = scene.connect('Alice');
  await tell(scene, alice, grant(1, { frames: 2 }), grant(2));
  const bob = scene.connect('Bob', '192.0.2.1');
  expect(await say(scene, bob, frameBy(scene, 1, 1), frameBy(scene, 2, 1))).toBe('stored 0, stored 1');
  expect(await tell(scene, alice, grant(1, { frames: 2 }))).toBe('opened 0-2');
  expect(await say(scene, bob, frameBy(scene, 2, 2))).toBe('error token');
  expect(await say(scene, bob, frameBy(scene, 1, 2))).toBe('stored 2');
  expect(await say(scene, bob, frameBy(scene, 1, 3))).toBe('error token');
  const after = createScene({ stored: scene.store.crash() });
  const later = after.connect('Bob later', '192.0.2.1');
  expect(await say(after, later, frameBy(after, 2, 3), frameBy(after, 1, 4))).toBe(
    'error token, error token',
  );
});

test('what is said again unchanged is not written again', async () => {
  const scene = createScene();
  const alice = scene.connect('Alice');
  await tell(scene, alice, grant(1));
  const { bytes } = await scene.store.usage();
  for (let time = 0; time < 3; time += 1) await tell(scene, alice, grant(1));
  expect((await scene.store.usage()).bytes).toBe(bytes);
});

test('where what a token is cannot be kept, its queue is opened all the same, and stamps do', async () => {
  const scene = createScene({ limits: { queuesMax: 1 } });
  expect(await tell(scene, scene.connect('Alice'), grant(1))).toBe('opened 0-0');
  const bob = scene.connect('Bob', '192.0.2.1');
  expect(await say(scene, bob, frameBy(scene, 1, 1))).toBe('error token');
});

test('a frame that the disk did not take uses nothing', async () => {
  const scene = createScene();
  await tell(scene, scene.connect('Alice'), grant(1, { frames: 1 }));
  const bob = scene.connect('Bob', '192.0.2.1');
  scene.store.fail('failed');
  expect(await say(scene, bob, frameBy(scene, 1, 1))).toBe('error failed');
  scene.store.fail();
  expect(await say(scene, bob, frameBy(scene, 1, 2))).toBe('stored 0');
});

function stamped(scene: Scene, number: number): Uint8Array {
  const search = beginStamp(
    encodeIntake({
      route: queue.route,
      requestId: requestIdOf(number),
      stampTimeMs: scene.clock.nowMs(),
      stampNonce: BigInt(number) << 32n,
      sealed: new Uint8Array(4046).fill(number),
    }),
    0,
  );
  return searchStamp(primitives, search, 1).frame;
}

test('a flood of strangers with stamps does not keep out who has a token', async () => {
  const scene = createScene({ policy: { queueIntake: perHour(10), allIntake: perHour(20) } });
  scene.connect('Alice').open(queue, 'owner', { intakeDifficulty: 0, intakeTokens: [grant(1)] });
  await scene.settle();
  for (let number = 0; number < 40; number += 1) {
    const stranger = scene.connect(`stranger ${number}`, `198.51.100.${number}`);
    stranger.send(stamped(scene, number));
  }
  await scene.settle();
  const stranger = scene.connect('one more', '198.51.100.200');
  expect(await say(scene, stranger, stamped(scene, 99))).toBe('error rate');
  const bob = scene.connect('Bob', '192.0.2.1');
  expect(await say(scene, bob, frameBy(scene, 1, 1))).toBe('stored 10');
});

test('guesses at tokens keep nobody out, neither those with one nor the mail of contacts', async () => {
  const scene = createScene({ policy: { allIntake: perHour(20) } });
  const alice = scene.connect('Alice');
  await tell(scene, alice, grant(1));
  for (let number = 0; number < 60; number += 1) {
    const stranger = scene.connect(`stranger ${number}`, `198.51.100.${number}`);
    stranger.send(frameBy(scene, 2, number));
  }
  await scene.settle();
  const bob = scene.connect('Bob', '192.0.2.1');
  expect(await say(scene, bob, frameBy(scene, 1, 1))).toBe('stored 0');
  alice.open(queueOf(9), 'owner');
  await scene.settle();
  alice.send(mailFrame(queueOf(9).route, 1));
  await scene.settle();
  expect(alice.heard()).toBe('opened 0-0, stored 0');
});

test('one queue takes only so many frames by tokens in a time', async () => {
  const scene = createScene({ policy: { queueTokens: perHour(60, 2) } });
  await tell(scene, scene.connect('Alice'), grant(1, { frames: 1_000 }));
  const bob = scene.connect('Bob', '192.0.2.1');
  expect(await say(scene, bob, frameBy(scene, 1, 1), frameBy(scene, 1, 2), frameBy(scene, 1, 3))).toBe(
    'error rate, stored 0, stored 1',
  );
  await scene.clock.advance(60_000);
  const later = scene.connect('Bob later', '192.0.2.1');
  expect(await say(scene, later, frameBy(scene, 1, 3))).toBe('stored 2');
});

test('the operator sees how many came by a token, and how many were refused', async () => {
  const counted: string[] = [];
  const scene = createScene({
    meter: {
      ...noMeter,
      appended: (kind, outcome, frames) => counted.push(`${kind} ${outcome} ${frames}`),
      tokensTold: (count) => counted.push(`told ${count}`),
    },
  });
  await tell(scene, scene.connect('Alice'), grant(1));
  const bob = scene.connect('Bob', '192.0.2.1');
  await say(scene, bob, frameBy(scene, 1, 1));
  await say(scene, bob, frameBy(scene, 2, 1));
  expect(counted).toEqual(['told 1', 'token ok 1', 'token token 1']);
});

test('a relay of an older version is told nothing of tokens by its answer, and closes when it gets one', async () => {
  const scene = createScene({ serverLimits: { intakeTokens: false } });
  const bob = scene.connect('Bob', '192.0.2.1');
  expect(await say(scene, bob, frameBy(scene, 1, 1))).toBe('error malformed');
  expect(bob.isClosed).toBe(true);
});

/** A store that two relays serve: each hears what the other one has written to queues that it heeds. */
function shared(store: QueueStore, others: QueuesElsewhere[], own: QueuesElsewhere): QueueStore {
  const append = async (appends: readonly Append[]): Promise<readonly AppendOutcome[]> => {
    const outcomes = await store.append(appends);
    for (const [at, { route }] of appends.entries()) {
      const outcome = outcomes[at];
      if (outcome?.kind !== 'stored') continue;
      for (const other of others) if (other !== own) other.tell(route, outcome.index + 1);
    }
    return outcomes;
  };
  return {
    elsewhere: own,
    append,
    open: (route, base, difficulty) => store.open(route, base, difficulty),
    state: (route) => store.state(route),
    read: (route, from, framesMax, bytesMax) => store.read(route, from, framesMax, bytesMax),
    trim: (route, upTo) => store.trim(route, upTo),
    expire: () => store.expire(),
    usage: () => store.usage(),
    close: () => store.close(),
  };
}

class QueuesElsewhere {
  readonly #heeded = new Map<string, number>();
  #hear: (news: QueueNews) => void = () => undefined;

  heed(route: Uint8Array): void {
    this.#heeded.set(route.join(), (this.#heeded.get(route.join()) ?? 0) + 1);
  }

  ignore(route: Uint8Array): void {
    this.#heeded.set(route.join(), (this.#heeded.get(route.join()) ?? 0) - 1);
  }

  listen(hear: (news: QueueNews) => void): void {
    this.#hear = hear;
  }

  tell(route: Uint8Array, next: number): void {
    if ((this.#heeded.get(route.join()) ?? 0) > 0) this.#hear({ kind: 'grown', route, next });
  }
}

test('two relays on one store: what the owner says at one, and what is used there, holds at the other', async () => {
  const others = [new QueuesElsewhere(), new QueuesElsewhere()];
  const stored = createScene().store;
  const [here, there] = others.map((own) =>
    createScene({ stored, store: (store) => shared(store, others, own) }),
  );
  if (here === undefined || there === undefined) throw new Error('there are two');
  const alice = here.connect('Alice');
  await tell(here, alice, grant(1, { frames: 2 }));
  const bob = there.connect('Bob', '192.0.2.1');
  expect(await say(there, bob, frameBy(there, 1, 1))).toBe('stored 0');
  const carol = here.connect('Carol', '192.0.2.2');
  expect(await say(here, carol, frameBy(here, 1, 2))).toBe('stored 1');
  expect(await say(there, bob, frameBy(there, 1, 3))).toBe('error token');
  await tell(here, alice, grant(2));
  expect(await say(there, bob, frameBy(there, 2, 1))).toBe('stored 2');
  await tell(here, alice);
  expect(await say(there, bob, frameBy(there, 2, 2))).toBe('error token');
});
