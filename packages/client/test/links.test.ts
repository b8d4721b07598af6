/** Links of ours and whom they bring; requests, which tell nothing to who sent them, ignored or blocked (spec/messages.md, "Introduction"). */
import {
  bytesToHex,
  claimLocator,
  claimPeriod,
  controlFrameTypes,
  formatPeerAddress,
  parseAddress,
  unwrap,
  userIdOf,
  type PeerAddress,
  type Route,
} from '@mycelium/protocol';
import { expect, test, vi } from 'vitest';
import { storedRows } from '../src/loop/rows.ts';
import { tables } from '../src/store/tables.ts';
import { relayAddress } from './post-office.ts';
import { contacts, primitives, Town, type Person } from './people.ts';

vi.setConfig({ testTimeout: 180_000 });

async function strangers(): Promise<{ town: Town; alice: Person; bob: Person }> {
  const town = new Town();
  const alice = await town.person('alice@example.com', [1]).begin();
  const bob = await town.person('bob@example.com', [2]).begin();
  return { town, alice, bob };
}

/** Alice's introduction comes to Bob. */
async function ask(town: Town, alice: Person, bob: Person, message = 'Hi Bob'): Promise<void> {
  await alice.during(alice.client.addContact({ address: bob.address, message }));
  await town.settle();
}

test('a link says what is left of it and who came by it; taken back, it brings nobody, and who came stays', async () => {
  const { town, alice, bob } = await strangers();
  const carol = await town.person('carol@example.com', [3]).begin();
  const flat = await bob.during(bob.client.invite({ uses: 2, label: 'flat mates' }));
  const other = await bob.during(bob.client.invite({ expiresMs: 3_600_000 }));
  await alice.during(alice.client.acceptInvite(flat.link));
  await town.settle();
  const states = (): unknown => bob.client.invites().map(({ id, state, used }) => [id, state, used]);
  expect(new Map(bob.client.invites().map(({ id, ...rest }) => [id, rest])).get(flat.id)).toMatchObject({
    label: 'flat mates',
    usesLeft: 1,
    state: 'open',
    used: 1,
    guests: [{ address: alice.address }],
  });
  await bob.during(bob.client.revokeInvite(flat.id));
  await carol.during(carol.client.acceptInvite(flat.link));
  await town.settle();
  town.clock.setWallOffset(3_600_000);
  expect(states()).toEqual([
    [other.id, 'expired', 0],
    [flat.id, 'revoked', 1],
  ]);
  expect(bob.client.contact(alice.address)).toMatchObject({ state: 'accepted', label: 'flat mates' });
  expect(bob.client.contact(carol.address)).toMatchObject({
    state: 'request',
    cameBy: { invite: flat.id, label: 'flat mates', state: 'revoked' },
  });
  expect(bob.kinds('request')).toMatchObject([{ from: carol.address, cameBy: { label: 'flat mates' } }]);
  await bob.restart();
  expect(bob.client.invites()).toHaveLength(2);
});

test('a link is named by the beginning of its id, if that is of one alone', async () => {
  const { bob } = await strangers();
  const made = [];
  for (let count = 0; count < 20; count += 1) made.push(await bob.during(bob.client.invite({})));
  const first = made.map(({ id }) => id.slice(0, 1));
  const shared = first.find((digit, at) => first.indexOf(digit) !== at) ?? '';
  await expect(bob.during(bob.client.revokeInvite(shared))).rejects.toMatchObject({ code: 'not-found' });
  await expect(bob.during(bob.client.revokeInvite('no'))).rejects.toMatchObject({ code: 'not-found' });
  await expect(bob.during(bob.client.revokeInvite(''))).rejects.toMatchObject({ code: 'not-found' });
  const [one] = made;
  expect(await bob.during(bob.client.revokeInvite(one?.id ?? ''))).toMatchObject({ state: 'revoked' });
});

/** Whom Bob's client has to do with, as far as the ports to the world go: what it asks of its agent and of the directory. */
function watch(bob: Person): {
  readonly peers: Set<string>;
  readonly lookUps: string[];
  readonly calls: string[];
} {
  const peers = new Set<string>();
  const calls: string[] = [];
  const lookUps: string[] = [];
  const { agent } = bob;
  const named = (all: readonly PeerAddress[]): void => {
    for (const peer of all) peers.add(formatPeerAddress(peer));
  };
  const own = agent.own.bind(agent);
  agent.own = (queue) => {
    calls.push('own');
    named(queue.peers);
    own(queue);
  };
  const follow = agent.follow.bind(agent);
  agent.follow = (queue) => {
    calls.push('follow');
    named(queue.peers);
    follow(queue);
  };
  const meet = agent.meet.bind(agent);
  agent.meet = (peer) => {
    named([peer]);
    return meet(peer);
  };
  const readOnce = agent.readOnce.bind(agent);
  agent.readOnce = (queue, asked) => {
    calls.push('readOnce');
    named(asked);
    return readOnce(queue, asked);
  };
  const submit = agent.submit.bind(agent);
  agent.submit = (frame, asked) => {
    calls.push('submit');
    named(asked);
    return submit(frame, asked);
  };
  const { directory } = bob.town;
  const lookUp = directory.lookUp.bind(directory);
  directory.lookUp = (...wish) => {
    lookUps.push(bytesToHex(wish[0]));
    return lookUp(...wish);
  };
  return { peers, lookUps, calls };
}

const hourMs = 3_600_000;

/** All that she can be looked up by until then. */
function locatorsOf({ address, town }: Person): ReadonlySet<string> {
  const userId = userIdOf(primitives, unwrap(parseAddress(address)));
  const today = claimPeriod(town.clock.nowMs());
  const periods = Array.from({ length: 10 }, (_, at) => today - 8 + at);
  return new Set(periods.map((period) => bytesToHex(claimLocator(primitives, userId, period))));
}

test('a request is shown, for days and over a restart, and nothing goes out because of it', async () => {
  const { town, alice, bob } = await strangers();
  const before = watch(bob);
  await ask(town, alice, bob, 'It is me');
  expect(bob.client.contacts()).toMatchObject([
    { address: alice.address, state: 'request', greeting: 'It is me', cameBy: undefined },
  ]);
  const shown = bob.client.contact(alice.address);
  expect(shown.safetyNumber).toMatch(/^[\d ]{71}$/);
  expect(bob.client.history({ to: alice.address })).toEqual([]);
  await town.clock.advance(30 * hourMs);
  await town.settle();
  await bob.restart();
  const after = watch(bob);
  await town.clock.advance(2 * hourMs);
  await town.settle();
  const ownRelay = formatPeerAddress(relayAddress(2));
  for (const { peers, calls } of [before, after]) {
    expect([...peers].filter((peer) => peer !== ownRelay)).toEqual([]);
    expect(calls.filter((call) => call !== 'own')).toEqual([]);
  }
  // The directory of the town: Alice looks Bob up. Nobody looks her up.
  const asked = [...before.lookUps, ...after.lookUps];
  expect(asked.some((locator) => locatorsOf(bob).has(locator))).toBe(true);
  expect(asked.filter((locator) => locatorsOf(alice).has(locator))).toEqual([]);
  expect(alice.client.contact(bob.address).state).toBe('pending');
  await bob.during(bob.client.acceptContact(alice.address));
  await town.settle();
  expect(alice.client.contact(bob.address).state).toBe('accepted');
  expect(after.peers.size).toBeGreaterThan(1);
});

/** Every row that there is, but for those that follow the time. */
function rowsOf({ store }: Person): ReadonlyMap<string, string> {
  const rows = storedRows(store);
  const followTime: ReadonlySet<string> = new Set(['account', 'agenda', 'relays', 'queues', 'frames']);
  const all = Object.values(tables)
    .filter(({ name }) => !followTime.has(name))
    .flatMap((table) =>
      rows
        .scan<unknown>(table)
        .map(({ key, row }) => [`${table.name} ${bytesToHex(key)}`, JSON.stringify(row, inText)] as const),
    );
  return new Map(all);
}

function inText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

test('an ignored request disappears, what comes later of the same account leaves nothing, and undone it is back', async () => {
  const { town, alice, bob } = await strangers();
  await ask(town, alice, bob);
  const events = bob.events.length;
  expect(await bob.during(bob.client.ignoreContact(alice.address))).toMatchObject({ state: 'ignored' });
  expect(bob.client.contacts()).toEqual([]);
  expect(bob.client.contacts({ ignored: true })).toMatchObject([{ address: alice.address }]);
  expect(bob.client.status().contacts).toBe(0);
  const rows = rowsOf(bob);
  await alice.during(alice.client.removeContact(bob.address));
  await ask(town, alice, bob, 'Are you there?');
  const { link } = await bob.during(bob.client.invite({ uses: 5 }));
  const invites = [...rowsOf(bob).keys()].filter((key) => !rows.has(key));
  await alice.during(alice.client.removeContact(bob.address));
  await alice.during(alice.client.acceptInvite(link));
  await town.settle();
  expect([...rowsOf(bob).keys()].filter((key) => !rows.has(key))).toEqual(invites);
  for (const [key, row] of rows) expect(rowsOf(bob).get(key), key).toBe(row);
  expect(bob.events.slice(events)).toMatchObject([{ event: 'contact', state: 'ignored' }]);
  expect(alice.client.contact(bob.address).state).toBe('pending');
  expect(await bob.during(bob.client.unignoreContact(alice.address))).toMatchObject({ state: 'request' });
  expect(bob.client.contacts()).toMatchObject([{ address: alice.address, greeting: 'Hi Bob' }]);
});

test('who is ignored can be accepted, and only requests can be ignored', async () => {
  const { town, alice, bob } = await strangers();
  await ask(town, alice, bob);
  await bob.during(bob.client.ignoreContact(alice.address));
  await expect(bob.send(alice, 'hello')).rejects.toMatchObject({ code: 'unknown-contact' });
  await bob.during(bob.client.acceptContact(alice.address));
  await town.settle();
  await alice.send(bob, 'at last');
  await town.settle();
  expect(bob.texts(alice)).toEqual(['at last']);
  await expect(bob.during(bob.client.ignoreContact(alice.address))).rejects.toMatchObject({
    code: 'not-a-request',
  });
  await expect(bob.during(bob.client.unignoreContact(alice.address))).rejects.toMatchObject({
    code: 'not-a-request',
  });
});

test('who is blocked leaves no row behind: neither introductions, by whatever relays, nor frames', async () => {
  const town = new Town();
  const alice = await town.person('alice@example.com', [1]).begin();
  const bob = await town.person('bob@example.com', [2, 3]).begin();
  await ask(town, alice, bob);
  await bob.during(bob.client.blockContact(alice.address));
  const before = rowsOf(bob);
  expect([...before.keys()].filter((key) => key.startsWith('requests'))).toEqual([]);
  await alice.send(bob, 'Why do you not answer?');
  await alice.during(alice.client.removeContact(bob.address));
  await ask(town, alice, bob, 'Please');
  // Another relay brings the same frames.
  const frames = [...town.office.queues.values()].flatMap((queue) => queue.frames);
  const intake = frames.filter(([type]) => type === controlFrameTypes.intake);
  expect(intake.length).toBeGreaterThan(1);
  for (const frame of intake)
    await bob.during(bob.agent.handler.intake(frame.slice(4, 20) as Route, 0, frame));
  await town.settle();
  expect(rowsOf(bob)).toEqual(before);
  expect(alice.client.contact(bob.address).state).toBe('pending');
});

test('a contact who is blocked leaves no row behind either', async () => {
  const { town, alice, bob } = await contacts();
  await alice.send(bob, 'one');
  await town.settle();
  await bob.during(bob.client.blockContact(alice.address));
  await town.settle();
  const before = rowsOf(bob);
  await alice.send(bob, 'two');
  await town.settle();
  await alice.during(alice.client.removeContact(bob.address));
  await ask(town, alice, bob, 'three');
  expect(rowsOf(bob)).toEqual(before);
});

test('a request that was blocked and is accepted after all is talked with', async () => {
  const { town, alice, bob } = await strangers();
  await ask(town, alice, bob);
  await bob.during(bob.client.blockContact(alice.address));
  await bob.during(bob.client.acceptContact(alice.address));
  await town.settle();
  await bob.send(alice, 'sorry');
  await alice.send(bob, 'never mind');
  await town.settle();
  await town.clock.advance(3_600_000);
  await town.settle();
  expect(alice.texts(bob)).toContain('sorry');
  expect(bob.texts(alice)).toContain('never mind');
});
