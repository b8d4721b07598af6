/** An invite at a relay that asks strangers for more work than anybody does: its token lets people in (spec/mail.md, "Tokens"). */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestNode } from './harness/node.ts';
import { accepted, alicesAddress, bobsAddress, startPerson } from './harness/people.ts';
import { World } from './harness/program.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.end());

/** Reached by a hang only. */
const limitMs = 150_000;

async function figures(relay: TestNode): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(relay.metrics ?? '')).text();
  const lines = text.split('\n').filter((line) => line.startsWith('mycelium_relay_'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

/** Until the relay has heard from an owner which tokens are good. */
async function told(relay: TestNode): Promise<void> {
  await expect
    .poll(async () => (await figures(relay)).get('mycelium_relay_tokens_told_total'), {
      timeout: limitMs,
      interval: 50,
    })
    .toBeGreaterThan(0);
}

test('Bob accepts Alice’s invite while she is away and her relay was restarted; neither computes a stamp', async () => {
  const config = path.join(world.folder, 'relay.toml');
  writeFileSync(config, '[strangers]\nproof-of-work = 24\n[metrics]\nport = 0\n');
  const relay = await new TestNode(world, 'relay', { roles: 'relay', config }).start();
  const shared = { relays: [relay.address] };
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, shared),
    startPerson(world, bobsAddress, shared),
  ]);
  const { link } = await alice.one('invite');
  await told(relay);
  await alice.stop();
  relay.options = { ...relay.options, listen: [relay.address.slice(relay.address.indexOf('@') + 1)] };
  await relay.stop();
  await relay.start();
  await bob.one('accept', String(link));
  // Her part is at the relay before she is back.
  await expect
    .poll(async () => (await figures(relay)).get(tokenFrames('ok')), {
      timeout: limitMs,
      interval: 50,
    })
    .toBeGreaterThan(0);
  await alice.start();
  await Promise.all([accepted(alice, bobsAddress), accepted(bob, alicesAddress)]);
  const after = await figures(relay);
  const strangers = [...after.keys()].filter((name) =>
    /append_frames_total\{kind="(intake|token)"/u.test(name),
  );
  expect(strangers).toEqual([tokenFrames('ok')]);
});

function tokenFrames(outcome: string): string {
  return `mycelium_relay_append_frames_total{kind="token",outcome="${outcome}"}`;
}
