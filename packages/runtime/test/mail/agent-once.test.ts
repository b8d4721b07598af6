import { beginStamp, encodeIntake, searchStamp } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { primitives, queueKeys } from './device.ts';
import { aliceAndBob, minute } from './scene.ts';

const patient = new AbortController().signal;

test('readOnce reads a card from the first relay that has it, and says when none can be reached', async () => {
  const { clock, alice, bob, relays, route, keys, at, bobHas } = await aliceAndBob('card', { relays: 2 });
  alice.send(route, 300);
  expect(await clock.runUntil(bobHas(300), minute)).toBe(true);
  relays[0]!.crash();
  let outcome: Awaited<ReturnType<typeof bob.agent.readOnce>> | undefined;
  void bob.agent.readOnce(keys, at, patient).then((read) => {
    outcome = read;
  });
  await clock.runUntil(() => outcome !== undefined, minute);
  expect(outcome?.kind === 'read' && [outcome.first, outcome.frames.length]).toEqual([0, 300]);
  relays[1]!.crash();
  outcome = undefined;
  void bob.agent.readOnce(keys, at, patient).then((read) => {
    outcome = read;
  });
  await clock.runUntil(() => outcome !== undefined, minute);
  expect(outcome).toEqual({ kind: 'unreachable' });
});

test('a stranger submits to an intake queue, and it is kept once and trimmed', async () => {
  const { clock, alice, bob, relay, at } = await aliceAndBob('intake');
  const intake = queueKeys('intake of Bob');
  bob.agent.keepIntake({ ...intake, peers: at, difficulty: 4, tokens: [], from: 0 });
  await clock.advance(1_000);
  const blank = encodeIntake({
    route: intake.route,
    requestId: new Uint8Array(12).fill(9),
    stampTimeMs: clock.nowMs(),
    stampNonce: 0n,
    sealed: new Uint8Array(600).fill(5),
  });
  const { frame } = searchStamp(primitives, beginStamp(blank, 4), 10_000);
  let outcome: unknown;
  void alice.agent.submit(frame, [...at, bob.address], patient).then((submitted) => {
    outcome = submitted;
  });
  await clock.runUntil(() => outcome !== undefined && bob.intakes.length === 2, minute);
  expect(outcome).toMatchObject({ kind: 'stored' });
  expect(bob.intakes).toEqual([frame, frame]);
  await clock.advance(1_000);
  expect(await relay.store.state(intake.route)).toMatchObject({ first: 1, next: 1 });

  const weak = frame.slice();
  weak[60] = 77;
  outcome = undefined;
  void alice.agent.submit(weak, at, patient).then((submitted) => {
    outcome = submitted;
  });
  await clock.runUntil(() => outcome !== undefined, minute);
  expect(outcome).toMatchObject({ kind: 'refused', refusal: { code: 'stamp' } });
});

test('peers are told about in words, and stop ends everything', async () => {
  const { clock, network, alice, bob, relay, route } = await aliceAndBob('view');
  await clock.advance(1_000);
  expect(alice.agent.peers()).toMatchObject([
    { state: 'connected', path: 'memory', rttMs: 10, direction: 'out' },
  ]);
  relay.crash();
  await clock.advance(1_000);
  expect(alice.agent.peers()[0]).toMatchObject({
    state: expect.stringMatching(/waiting|connecting/) as string,
  });
  alice.send(route);
  let stopped = 0;
  void alice.agent.stop().then(() => (stopped += 1));
  void bob.agent.stop().then(() => (stopped += 1));
  await clock.advance(1);
  expect(stopped).toBe(2);
  expect(await clock.runUntilQuiescent(minute)).toBe(true);
  expect(network.trace.events).toBeGreaterThan(0);
});

test('a relay that only replicates is taken at its word for an intake frame when no other has it', async () => {
  const { clock, alice, bob, relays, at } = await aliceAndBob('intake, replicated', { relays: 2 });
  const [weak, strong] = relays as [(typeof relays)[0], (typeof relays)[0]];
  weak.crash();
  weak.replicatedOnly = true;
  await weak.restart();
  const intake = queueKeys('intake of Bob');
  bob.agent.keepIntake({ ...intake, peers: at, difficulty: 4, tokens: [], from: 0 });
  await clock.advance(5_000);
  const submit = async (nonce: number): Promise<readonly unknown[]> => {
    const blank = encodeIntake({
      route: intake.route,
      requestId: new Uint8Array(12).fill(nonce),
      stampTimeMs: clock.nowMs(),
      stampNonce: 0n,
      sealed: new Uint8Array(600).fill(nonce),
    });
    const { frame } = searchStamp(primitives, beginStamp(blank, 4), 10_000);
    let outcome: { readonly kind: string } | undefined;
    void alice.agent.submit(frame, at, patient).then((submitted) => {
      outcome = submitted;
    });
    await clock.advance(300);
    const early = outcome?.kind;
    await clock.runUntil(() => outcome !== undefined, minute);
    return [early, outcome?.kind];
  };
  expect(await submit(1)).toEqual(['stored', 'stored']);
  strong.crash();
  // It waits for the other one, as long as there is hope.
  expect(await submit(2)).toEqual([undefined, 'stored']);
});
