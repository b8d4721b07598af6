/** What a relay, its disk and the wire get to see. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { FrameSplitter, bytesToHex } from '@mycelium/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { found, foundBelow, keyCanaries, textCanaries, type Canary } from './harness/canaries.ts';
import { Lab, namespacesMissing } from './harness/namespaces.ts';
import { TestNode } from './harness/node.ts';
import {
  accepted,
  alicesAddress,
  befriend,
  bobsAddress,
  messages,
  startPerson,
  startRelay,
} from './harness/people.ts';
import { World } from './harness/program.ts';
import { startTappedRelay, type Direction, type TappedRelay } from './harness/tapped-relay.ts';

let world: World;
let relay: TappedRelay | undefined;
let lab: Lab | undefined;
beforeEach(() => {
  world = new World();
});
afterEach(async () => {
  await relay?.stop();
  relay = undefined;
  await world.end();
  lab?.end();
  lab = undefined;
});

const secretText = 'the canary sings at midnight';
const greeting = 'a greeting nobody else may read';

function people(): readonly Canary[] {
  return [
    ...textCanaries('a text', secretText),
    ...textCanaries('a greeting', greeting),
    ...textCanaries("Alice's address", alicesAddress),
    ...textCanaries("Bob's address", bobsAddress),
  ];
}

/** Frames of the links of a tapped relay, in the order in which they were heard. */
class Tap {
  readonly frames: { readonly direction: Direction; readonly bytes: Buffer }[] = [];
  readonly refusals: unknown[] = [];
  readonly heard: Buffer[] = [];
  readonly #splitters = new Map<string, FrameSplitter>();

  readonly hear = (link: number, direction: Direction, bytes: Uint8Array): void => {
    this.heard.push(Buffer.from(bytes));
    const name = `${link} ${direction}`;
    const splitter = this.#splitters.get(name) ?? new FrameSplitter();
    this.#splitters.set(name, splitter);
    const refusal = splitter.push(bytes, (from, at, size) => {
      this.frames.push({ direction, bytes: Buffer.from(from.subarray(at, at + size)) });
    });
    if (refusal !== undefined) this.refusals.push(refusal);
  };

  /** What owners appended: mail frames on their way in. */
  get appended(): readonly Buffer[] {
    return this.frames
      .filter((frame) => frame.direction === 'in' && (frame.bytes[0] ?? 0) <= 4)
      .map((frame) => frame.bytes);
  }
}

test('inside the link too, a relay sees frames of the four sizes and nothing that it could read', async () => {
  const tap = new Tap();
  relay = await startTappedRelay(world.folder, tap.hear);
  const shared = { relays: [relay.address] };
  const alice = new TestNode(world, 'alice', shared);
  const bob = new TestNode(world, 'bob', shared);
  const [hers, his] = [await alice.init(alicesAddress), await bob.init(bobsAddress)];
  await Promise.all([alice.start(), bob.start()]);
  await befriend(alice, bob);
  await bob.stop(); // so that all of it goes through the relay
  for (const length of [1, 56, 57, 440, 441, 1976, 1977, 9000]) {
    await alice.one(
      'send',
      bobsAddress,
      secretText.repeat(400).slice(0, length),
      '--wait',
      'stored',
      '--timeout',
      '120',
    );
  }
  await alice.one('send', bobsAddress, secretText, '--wait', 'stored', '--timeout', '120');
  await bob.start();
  await messages(bob.listen(0), 9);

  expect(tap.refusals).toEqual([]);
  expect(
    [...new Set(tap.frames.map((frame) => frame.bytes.length))].filter(
      (size) => ![128, 512, 2048, 4096].includes(size),
    ),
  ).toEqual([]);
  const types = new Set(tap.frames.map((frame) => frame.bytes[0] ?? 0));
  expect([1, 2, 3].filter((type) => !types.has(type))).toEqual([]);
  expect([...types].filter((type) => type > 4 && (type < 20 || type > 39))).toEqual([]);
  const canaries = [
    ...people(),
    ...keyCanaries("Alice's user id", String(hers['userId'])),
    ...keyCanaries("Bob's user id", String(his['userId'])),
  ];
  expect(found(canaries, Buffer.concat(tap.heard))).toEqual([]);
  expect(foundBelow(canaries, relay.folder)).toEqual([]);
  // The devices keep it encrypted too. Their names of sockets and locks hold no secrets either.
  await Promise.all([alice.stop(), bob.stop()]);
  expect(foundBelow(canaries, alice.data)).toEqual([]);
  expect(foundBelow(canaries, bob.data)).toEqual([]);
});

test('a restored copy of a data folder never repeats a key and nonce on the wire', async () => {
  const tap = new Tap();
  relay = await startTappedRelay(world.folder, tap.hear);
  const shared = { relays: [relay.address] };
  const [alice, bob] = [
    await startPerson(world, alicesAddress, shared),
    await startPerson(world, bobsAddress, shared),
  ];
  await befriend(alice, bob);
  await bob.stop();
  const say = async (text: string): Promise<void> => {
    await alice.one('send', bobsAddress, text, '--wait', 'stored', '--timeout', '120');
  };
  await say('before the copy');
  await alice.stop();
  const copy = path.join(world.folder, 'copy');
  cpSync(alice.data, copy, { recursive: true });
  for (let restored = 0; restored < 3; restored += 1) {
    await alice.start();
    for (let at = 0; at < 4; at += 1) await say(`life ${restored} message ${at}`);
    await alice.kill();
    rmSync(alice.data, { recursive: true });
    cpSync(copy, alice.data, { recursive: true });
  }
  const byKeyAndNonce = new Map<string, string>();
  for (const frame of tap.appended) {
    const key = bytesToHex(frame.subarray(4, 32)); // route (so the epoch's chain), generation, guard
    const sealed = bytesToHex(frame.subarray(32));
    expect(byKeyAndNonce.get(key) ?? sealed).toBe(sealed);
    byKeyAndNonce.set(key, sealed);
  }
  expect(byKeyAndNonce.size).toBeGreaterThan(12);
});

test('nothing on the wire between three machines tells who talks or what is said', async (context) => {
  const missing = namespacesMissing();
  if (missing !== undefined) return context.skip(missing);
  lab = new Lab(world);
  const [hers, his] = [lab.machine('alice'), lab.machine('bob')];
  const capture = path.join(world.folder, 'capture');
  const prefix = lab.on('hub').prefix ?? [];
  const script = path.join(import.meta.dirname, 'harness/wire.py');
  const sniffer = spawn(prefix[0] ?? '', [...prefix.slice(1), 'python3', script, capture]);
  const failed = once(sniffer, 'error');
  const listening = await Promise.race([once(sniffer.stdout, 'data'), failed, once(sniffer, 'exit')]);
  if (!String(listening[0]).includes('listening')) return context.skip('python3 cannot capture packets here');
  const hub = await startRelay(world, 'relay,directory', { ...lab.on('hub'), listen: ['0.0.0.0:4410'] });
  const key = hub.address.slice(0, hub.address.indexOf('@'));
  const nodeAt = (name: 'alice' | 'bob', wire: { readonly own: string; readonly hub: string }): TestNode =>
    new TestNode(world, name, {
      ...lab?.on(name),
      listen: [`${wire.own}:0`],
      bootstrap: [`${key}@${wire.hub}:4410`],
      relays: [`${key}@${wire.hub}:4410`],
    });
  const [alice, bob] = [nodeAt('alice', hers), nodeAt('bob', his)];
  const [madeA, madeB] = [await alice.init(alicesAddress), await bob.init(bobsAddress)];
  await Promise.all([alice.start(), bob.start()]);
  const toBob = bob.listen(0);
  await alice.one('contact', 'add', bobsAddress, '--message', greeting);
  await toBob.until('a request', (lines) => lines.find((line) => line['event'] === 'request'));
  await bob.one('contact', 'accept', alicesAddress);
  await accepted(alice, bobsAddress);
  await alice.one('send', bobsAddress, secretText, '--wait', 'delivered', '--timeout', '120');
  await messages(toBob, 1);
  await Promise.all([alice.stop(), bob.stop(), hub.stop()]);
  sniffer.kill('SIGTERM');
  await once(sniffer, 'exit');

  const packets = readFileSync(capture);
  expect(packets.length).toBeGreaterThan(20_000);
  const canaries = [
    ...people(),
    ...keyCanaries("Alice's user id", String(madeA['userId'])),
    ...keyCanaries("Bob's user id", String(madeB['userId'])),
  ];
  expect(found(canaries, packets)).toEqual([]);
  // Neither does the directory and relay between them keep it.
  expect(foundBelow(canaries, hub.data)).toEqual([]);
});
