import type { Cancellation, Link } from '@mycelium/runtime';
import { expect, test } from 'vitest';
import {
  createSeededRandomness,
  createVirtualClock,
  roughPath,
  SimulatedNetwork,
  type PathConditions,
} from '@mycelium/simulation';

const patient: Cancellation = new AbortController().signal;

interface Heard {
  readonly bytes: number[];
  closed: string | undefined;
  drained: number;
}

function hear(link: Link): Heard {
  const heard: Heard = { bytes: [], closed: undefined, drained: 0 };
  link.onBytes((bytes) => heard.bytes.push(...bytes));
  link.onClose((reason) => {
    heard.closed = reason;
  });
  link.onDrain(() => {
    heard.drained += 1;
  });
  return heard;
}

async function linked(seed: string, conditions: Partial<PathConditions> = {}) {
  const clock = createVirtualClock();
  const network = new SimulatedNetwork(clock, createSeededRandomness(seed));
  network.setConditions(conditions);
  const [alice, relay] = [network.node('alice'), network.node('relay')];
  const incoming: Link[] = [];
  const relayHeard: Heard[] = [];
  await relay.transport.listen((link) => {
    incoming.push(link);
    relayHeard.push(hear(link));
  });
  let link: Link | undefined;
  let aliceHeard: Heard | undefined;
  void alice.transport.dial(relay.address, patient).then((dialled) => {
    link = dialled;
    aliceHeard = hear(dialled);
  });
  await clock.runUntil(() => link !== undefined, 60_000);
  return {
    clock,
    network,
    alice,
    relay,
    link: link!,
    aliceHeard: aliceHeard!,
    served: incoming[0]!,
    relayHeard: relayHeard[0]!,
  };
}

test('a link carries bytes in order after its latency, and knows both keys', async () => {
  const { clock, alice, relay, link, served, relayHeard } = await linked('order', { latencyMs: 7 });
  expect(link.remoteKey).toEqual(relay.transport.key);
  expect(served.remoteKey).toEqual(alice.transport.key);
  expect([link.initiator, served.initiator]).toEqual([true, false]);
  for (let value = 0; value < 100; value += 1) link.write(Uint8Array.of(value));
  await clock.advance(6);
  expect(relayHeard.bytes).toEqual([]);
  await clock.advance(1);
  expect(relayHeard.bytes).toEqual(Array.from({ length: 100 }, (_, value) => value));
});

test('order survives jitter and cuts', async () => {
  const { clock, link, relayHeard } = await linked('jitter', { jitterMs: 90, cutsBatches: true });
  for (let value = 0; value < 200; value += 1) {
    link.write(Uint8Array.of(value, value));
    await clock.advance(3);
  }
  await clock.advance(1_000);
  expect(relayHeard.bytes).toEqual(Array.from({ length: 400 }, (_, at) => at >> 1));
});

test('a link breaks at exactly the byte it was told, and both ends hear of it', async () => {
  const { clock, link, aliceHeard, relayHeard } = await linked('break', { breakAfterBytes: [333, 333] });
  link.write(new Uint8Array(200));
  await clock.advance(10);
  link.write(new Uint8Array(200));
  await clock.advance(10);
  expect(relayHeard.bytes.length).toBe(333);
  expect(aliceHeard.closed).toBe('the connection was reset');
  expect(relayHeard.closed).toBe('the connection was reset');
});

test('close lets what was written arrive first', async () => {
  const { clock, link, aliceHeard, relayHeard } = await linked('close');
  link.write(new Uint8Array(50));
  link.close();
  await clock.advance(100);
  expect(relayHeard).toEqual({
    bytes: Array.from({ length: 50 }, () => 0),
    closed: 'closed by the other side',
    drained: 0,
  });
  expect(aliceHeard.closed).toBe('closed by this side');
});

test('a reader that pauses makes write say false until it has caught up', async () => {
  const { clock, link, aliceHeard, served, relayHeard } = await linked('pause', { windowBytes: 1_000 });
  served.pause();
  expect(link.write(new Uint8Array(900))).toBe(true);
  await clock.advance(50);
  expect(link.write(new Uint8Array(900))).toBe(false);
  await clock.advance(50);
  expect([relayHeard.bytes.length, aliceHeard.drained]).toEqual([0, 0]);
  served.resume();
  await clock.advance(50);
  expect([relayHeard.bytes.length, aliceHeard.drained]).toEqual([1_800, 1]);
});

test('a partition holds what is sent until it heals, and dials wait', async () => {
  const { clock, network, alice, relay, link, relayHeard } = await linked('partition');
  network.partition(alice, relay);
  link.write(Uint8Array.of(1));
  let refused = '';
  alice.transport.dial(relay.address, patient).catch((error: unknown) => {
    refused = String(error);
  });
  await clock.advance(60_000);
  expect([relayHeard.bytes, refused]).toEqual([[], 'TransportError: nothing answers there']);
  network.heal(alice, relay);
  await clock.advance(10);
  expect(relayHeard.bytes).toEqual([1]);
});

test('a crash resets links; a silent one tells nobody', async () => {
  const loud = await linked('crash');
  loud.relay.crash();
  await loud.clock.advance(10);
  expect(loud.aliceHeard.closed).toBe('the connection was reset');
  expect(loud.relayHeard.closed).toBe(undefined);

  const silent = await linked('silent');
  silent.relay.crash(true);
  silent.link.write(new Uint8Array(10));
  await silent.clock.advance(3_600_000);
  expect(silent.aliceHeard.closed).toBe(undefined);
});

test('dials fail for a machine that is off, one that does not listen, and another key', async () => {
  const { clock, network, alice, relay } = await linked('dials');
  const reasons: string[] = [];
  const dial = (peer: typeof relay.address): void => {
    alice.transport.dial(peer, patient).catch((error: unknown) => {
      reasons.push((error as { code: string }).code);
    });
  };
  dial(network.node('bob').address);
  dial({ ...relay.address, key: alice.transport.key });
  dial({ key: relay.address.key, endpoint: { host: 'nowhere', port: 1 } });
  await clock.advance(30_000);
  expect(reasons).toEqual(['unreachable', 'wrong-key', 'unreachable']);
});

test('the same seed gives the same trace, another seed another', async () => {
  const run = async (seed: string): Promise<string> => {
    const { clock, network, link } = await linked(seed, { ...roughPath, dialFailure: 0 });
    for (let turn = 0; turn < 100; turn += 1) {
      link.write(network.randomness.bytes(500));
      await clock.advance(10);
    }
    return network.trace.hash();
  };
  expect(await run('one')).toBe(await run('one'));
  expect(await run('one')).not.toBe(await run('two'));
});
