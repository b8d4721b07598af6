/** Who is alice@example.com? The rung *domain* of the trust ladder, with domains in memory. */
import {
  formatDomainKey,
  formatDomainProof,
  formatDomainText,
  parseFingerprint,
  selfCertifyingDomain,
  signDomainProof,
  signRevocations,
  unwrap,
} from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { nextLookMs } from '../src/domains/domain-row.ts';
import { contacts, primitives, Town, type Person } from './people.ts';

const dayMs = 86_400_000;
const seedOf = (label: string): Uint8Array => primitives.sha256(new TextEncoder().encode(label));

/** Who runs a domain. */
class Keeper {
  readonly seed: Uint8Array;
  readonly key: Uint8Array;
  #serial = 0;

  constructor(label: string) {
    this.seed = seedOf(label);
    this.key = primitives.ed25519PublicKey(this.seed);
  }

  proofFor(person: Person, untilMs = person.town.clock.nowMs() + 90 * dayMs): string {
    this.#serial += 1;
    const fingerprint = unwrap(parseFingerprint(person.client.account()?.fingerprint ?? ''));
    const proof = { fingerprint, serial: this.#serial, untilMs };
    const bytes = signDomainProof(primitives, { text: person.address }, proof, this.seed);
    return formatDomainProof(bytes);
  }

  publish(town: Town, domain: string, revoked?: { sequence: number; serials: readonly number[] }): void {
    const revocations = revoked && signRevocations(primitives, domain, revoked, this.seed);
    const record = { key: this.key, revocations, relays: [], directory: [] };
    town.domains.publish(domain, { texts: [formatDomainText(record)] });
  }
}

const trust = (person: Person, other: Person): string => person.client.contact(other.address).trust;
const reason = (person: Person, other: Person): string => person.client.contact(other.address).trustReason;

async function prove(person: Person, proof: string): Promise<void> {
  await person.during(person.client.domains.prove(proof));
  await person.town.settle();
}

const offsets = new WeakMap<Town, number>();

/** Everybody's wall clock jumps, as after a machine has slept, and what is due is done. */
async function later(town: Town, days: number): Promise<void> {
  const offsetMs = (offsets.get(town) ?? 0) + days * dayMs;
  offsets.set(town, offsetMs);
  town.clock.setWallOffset(offsetMs);
  await town.clock.advance(31_000);
  await town.settle();
}

async function provedBob(): Promise<{ town: Town; alice: Person; bob: Person; keeper: Keeper }> {
  const { town, alice, bob } = await contacts();
  const keeper = new Keeper('example.com');
  keeper.publish(town, 'example.com');
  await prove(bob, keeper.proofFor(bob));
  return { town, alice, bob, keeper };
}

test('A contact hears of a proof in the conversation, asks the domain, and the contact stands a rung higher', async () => {
  const { town, alice, bob } = await contacts();
  const keeper = new Keeper('example.com');
  expect(trust(alice, bob)).toBe('pinned');
  await prove(bob, keeper.proofFor(bob));
  expect(trust(alice, bob)).toBe('pinned');
  expect(reason(alice, bob)).toContain('publishes no key');
  keeper.publish(town, 'example.com');
  await later(town, 1);
  expect(trust(alice, bob)).toBe('domain');
  expect(reason(alice, bob)).toContain('example.com has signed');
  expect(bob.client.domains.proof().serial).toBe(1);
  await prove(bob, '');
  expect(trust(alice, bob)).toBe('pinned');
  expect(reason(alice, bob)).not.toContain('proof');
});

test('By an invite link the card brings the proof, and the introduction brings that of who used it', async () => {
  const town = new Town();
  const keeper = new Keeper('example.com');
  keeper.publish(town, 'example.com');
  const alice = await town.person('alice@example.com', [1]).begin();
  const bob = await town.person('bob@example.com', [2]).begin();
  await prove(alice, keeper.proofFor(alice));
  await prove(bob, keeper.proofFor(bob));
  const { link } = await bob.during(bob.client.invite({}));
  await alice.during(alice.client.acceptInvite(link));
  await town.settle();
  expect([trust(alice, bob), trust(bob, alice)]).toEqual(['domain', 'domain']);
});

test('A contact request causes no look-up; accepting it does', async () => {
  const town = new Town();
  const keeper = new Keeper('example.net');
  keeper.publish(town, 'example.net');
  const mallory = await town.person('mallory@example.net', [1]).begin();
  const bob = await town.person('bob@example.com', [2]).begin();
  await prove(mallory, keeper.proofFor(mallory));
  await mallory.during(mallory.client.addContact({ address: bob.address }));
  await town.settle();
  await later(town, 1);
  expect(bob.client.contact(mallory.address).state).toBe('request');
  expect(town.domains.asked).not.toContain('example.net');
  expect(reason(bob, mallory)).toContain('could not be checked yet');
  await bob.during(bob.client.acceptContact(mallory.address));
  await town.settle();
  expect(town.domains.asked).toContain('example.net');
  expect(trust(bob, mallory)).toBe('domain');
});

test('A domain that changes its key is told loudly, and neither key proves anything until the person decides', async () => {
  const { town, alice, bob } = await provedBob();
  expect(trust(alice, bob)).toBe('domain');
  const thief = new Keeper('thief');
  thief.publish(town, 'example.com');
  await later(town, 1);
  expect(trust(alice, bob)).toBe('pinned');
  expect(reason(alice, bob)).toContain('another key than before');
  expect(alice.kinds('security')).toMatchObject([{ kind: 'domain', address: 'example.com' }]);
  await prove(bob, thief.proofFor(bob));
  expect(trust(alice, bob)).toBe('pinned');

  const [known] = alice.client.domains.known();
  expect(known).toMatchObject({ publishes: 'another-key', offeredKey: formatDomainKey(thief.key) });
  const wrong = formatDomainKey(new Keeper('nobody').key);
  await expect(alice.during(alice.client.domains.trust('example.com', wrong))).rejects.toMatchObject({
    code: 'key-changed',
  });
  await alice.during(alice.client.domains.trust('example.com', formatDomainKey(thief.key)));
  await town.settle();
  expect(trust(alice, bob)).toBe('domain');
});

test('The old key that comes back is believed again without a word', async () => {
  const { town, alice, bob, keeper } = await provedBob();
  new Keeper('thief').publish(town, 'example.com');
  await later(town, 1);
  expect(trust(alice, bob)).toBe('pinned');
  keeper.publish(town, 'example.com');
  await later(town, 1);
  expect(trust(alice, bob)).toBe('domain');
});

test('A revoked proof stops counting, that is told, and an older list does not bring it back', async () => {
  const { town, alice, bob, keeper } = await provedBob();
  const sequence = town.clock.nowMs();
  keeper.publish(town, 'example.com', { sequence, serials: [1] });
  await later(town, 1);
  expect(trust(alice, bob)).toBe('pinned');
  expect(reason(alice, bob)).toContain('revoked');
  expect(alice.kinds('security')).toMatchObject([{ kind: 'domain', address: bob.address }]);
  for (const older of [undefined, { sequence: sequence - 1, serials: [] }]) {
    keeper.publish(town, 'example.com', older);
    await later(town, 1);
    expect(trust(alice, bob)).toBe('pinned');
  }
  await prove(bob, keeper.proofFor(bob));
  expect(trust(alice, bob)).toBe('domain');
});

test('Somebody else’s list of revocations revokes nothing', async () => {
  const { town, alice, bob, keeper } = await provedBob();
  const revocations = signRevocations(
    primitives,
    'example.com',
    { sequence: 9e15, serials: [1] },
    seedOf('thief'),
  );
  const record = { key: keeper.key, revocations, relays: [], directory: [] };
  town.domains.publish('example.com', { texts: [formatDomainText(record)] });
  await later(town, 1);
  expect(trust(alice, bob)).toBe('domain');
});

test('Without a network the last answer counts for a month, with its age said; a proof that ran out does not', async () => {
  const { town, alice, bob, keeper } = await provedBob();
  town.domains.online = false;
  await later(town, 20);
  expect(trust(alice, bob)).toBe('domain');
  expect(reason(alice, bob)).toContain('last asked 20 days ago');
  await later(town, 12);
  expect(trust(alice, bob)).toBe('pinned');
  expect(reason(alice, bob)).toContain('too long ago');
  town.domains.online = true;
  keeper.publish(town, 'example.com');
  await later(town, 1);
  expect(trust(alice, bob)).toBe('domain');
  await later(town, 90);
  expect(trust(alice, bob)).toBe('pinned');
  expect(reason(alice, bob)).toContain('run out');
});

test('Domains are asked as often as their answers say, within bounds', async () => {
  const minuteMs = 60_000;
  expect([1, 3_600_000, 400 * dayMs].map(nextLookMs)).toEqual([5 * minuteMs, 60 * minuteMs, dayMs]);
  expect(nextLookMs(undefined)).toBe(60 * minuteMs);
  const { town, keeper } = await provedBob();
  const text = formatDomainText({ key: keeper.key, revocations: undefined, relays: [], directory: [] });
  town.domains.publish('example.com', { texts: [text], ttlMs: 2 * 3_600_000 });
  const asksAfter = async (days: number): Promise<number> => {
    const before = town.domains.asked.length;
    await later(town, days);
    return town.domains.asked.length - before;
  };
  expect(await asksAfter(1)).toBe(1);
  expect(await asksAfter(1 / 24)).toBe(0);
  expect(await asksAfter(2 / 24)).toBe(1);
});

test('Of two accounts that claim an address the one that the domain has signed for is found', async () => {
  const town = new Town();
  const keeper = new Keeper('example.com');
  keeper.publish(town, 'example.com');
  const alice = await town.person('alice@example.com', [1]).begin();
  const squatter = await town.person('bob@example.com', [3]).begin();
  const bob = await town.person('bob@example.com', [2]).begin();
  await prove(squatter, new Keeper('thief').proofFor(squatter));
  await expect(alice.during(alice.client.addContact({ address: bob.address }))).rejects.toMatchObject({
    code: 'contested',
  });
  await prove(bob, keeper.proofFor(bob));
  const found = await alice.during(alice.client.addContact({ address: bob.address }));
  expect(found.fingerprint).toBe(bob.client.account()?.fingerprint);
  expect(found.trust).toBe('domain');
});

test('A domain that is its own key is asked of nobody', async () => {
  const town = new Town();
  const keeper = new Keeper('own');
  const domain = selfCertifyingDomain(keeper.key);
  const alice = await town.person('alice@example.com', [1]).begin();
  const bob = await town.person(`bob@${domain}`, [2]).begin();
  await expect(bob.during(bob.client.domains.prove(new Keeper('thief').proofFor(bob)))).rejects.toMatchObject(
    {
      code: 'bad-proof',
    },
  );
  await prove(bob, keeper.proofFor(bob));
  await alice.during(alice.client.addContact({ address: bob.address }));
  await town.settle();
  expect(trust(alice, bob)).toBe('domain');
  expect(reason(alice, bob)).toContain('its own key');
  expect(town.domains.asked).toEqual([]);
  const check = await alice.during(alice.client.domains.check(bob.address));
  expect(check).toMatchObject({ answer: 'self', key: formatDomainKey(keeper.key) });
  expect(check.accounts.map(({ from, holds }) => [from, holds])).toEqual([
    ['contact', true],
    ['directory', true],
  ]);
});

test('A proof for somebody else is refused with what is wrong with it', async () => {
  const town = new Town();
  const keeper = new Keeper('example.com');
  const alice = await town.person('alice@example.com', [1]).begin();
  const bob = await town.person('bob@example.com', [2]).begin();
  const refused = async (proof: string): Promise<string> =>
    bob.during(bob.client.domains.prove(proof)).then(
      () => 'taken',
      (error: Error) => error.message,
    );
  expect(await refused(keeper.proofFor(alice))).toContain('another account');
  expect(await refused(keeper.proofFor(bob, town.clock.nowMs()))).toContain('run out');
  expect(await refused('mycelium:proof/AAAA')).toContain('damaged');
  expect(await refused('hello')).toContain('begins with');
  expect(bob.client.domains.proof().until).toBeUndefined();
});

test('What the world sees of an address is asked without being believed', async () => {
  const town = new Town();
  const keeper = new Keeper('example.com');
  keeper.publish(town, 'example.com', { sequence: 1, serials: [4, 5] });
  const bob = await town.person('bob@example.com', [2]).begin();
  await prove(bob, keeper.proofFor(bob));
  const check = await bob.during(bob.client.domains.check('Bob@EXAMPLE.com'));
  expect(check).toMatchObject({ domain: 'example.com', answer: 'record', revoked: 2, known: undefined });
  expect(check.accounts.map(({ from, holds }) => [from, holds])).toEqual([
    ['you', true],
    ['directory', true],
  ]);
  expect(await bob.during(bob.client.domains.check('example.net'))).toMatchObject({
    answer: 'nothing',
    key: undefined,
    accounts: [],
  });
  expect(bob.client.domains.known()).toEqual([]);
  await expect(bob.during(bob.client.domains.check('not a domain'))).rejects.toMatchObject({
    code: 'bad-domain',
  });
});

test('Two accounts claim the address of a contact, and the proof of one of them settles whose it is', async () => {
  const { town, alice, bob } = await contacts();
  const keeper = new Keeper('example.com');
  keeper.publish(town, 'example.com');
  const squatter = await town.person('bob@example.com', [3]).begin();
  await squatter.during(squatter.client.addContact({ address: alice.address }));
  await town.settle();
  expect(trust(alice, bob)).toBe('contested');
  await expect(alice.send(bob, 'hello')).rejects.toMatchObject({ code: 'contested' });
  await prove(bob, keeper.proofFor(bob));
  expect(trust(alice, bob)).toBe('domain');
  expect(reason(alice, bob)).toContain('without being believed');
  await alice.send(bob, 'hello again');
  await town.settle();
  expect(bob.texts(alice)).toContain('hello again');
});
