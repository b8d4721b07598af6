/** A domain says who is who: the administrator's commands, a real DNS server, and nodes that ask it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { certificateFile, DnsServer, startDnsOverHttps } from '../packages/node/test/domain/dns-server.ts';
import { TestNode } from './harness/node.ts';
import { patienceMs } from './harness/patience.ts';
import { accepted, acceptInvite, alicesAddress, startPerson, startRelay } from './harness/people.ts';
import { World, type Json } from './harness/program.ts';

const bobsAddress = 'bob@example.com';

let world: World;
let dns: DnsServer;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  world = new World();
  dns = await new DnsServer().start();
});
afterEach(async () => {
  await world.end();
  for (const stop of stops.splice(0)) await stop();
  await dns.stop();
});

/** Who runs example.com: a folder of its own, no account, no node. */
function keeperOf(name: string): TestNode {
  return new TestNode(world, name);
}

const publish = (said: Json): void => dns.set(String(said['txtName']), 'TXT', [String(said['txt'])]);

/** Asks again and again what is known of a contact, until it is so. */
async function shown(node: TestNode, address: string, wanted: (contact: Json) => boolean): Promise<Json> {
  for (const endMs = performance.now() + patienceMs; ;) {
    const contact = await node.one('contact', 'show', address);
    if (wanted(contact)) return contact;
    if (performance.now() > endMs) throw new Error(`${address} stays ${JSON.stringify(contact)}`);
  }
}

async function friends(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<[TestNode, TestNode]> {
  const relay = await startRelay(world);
  const shared = { relays: [relay.address], bootstrap: [relay.address], args, env };
  const [alice, bob] = await Promise.all([
    startPerson(world, alicesAddress, shared),
    startPerson(world, bobsAddress, shared),
  ]);
  await acceptInvite(alice, String((await bob.one('invite'))['link']));
  await accepted(alice, bobsAddress);
  return [alice, bob];
}

async function issue(keeper: TestNode, bob: TestNode): Promise<string> {
  const { account } = await bob.one('status');
  const fingerprint = String((account as Json)['fingerprint']);
  return String((await keeper.one('domain', 'issue', 'bob', '--key', fingerprint))['proof']);
}

test('from nothing to a proved address: init, publish, issue, accept; then revoked, and another key', async () => {
  const keeper = keeperOf('keeper');
  publish(await keeper.one('domain', 'init', 'example.com'));
  const [alice, bob] = await friends(['--domain-lookup', 'dns', '--resolver', dns.endpoint]);
  const proof = await issue(keeper, bob);
  expect(await alice.try('domain', 'accept', proof)).toMatchObject({ code: 2 });
  expect(await bob.one('domain', 'accept', proof)).toMatchObject({ address: bobsAddress, serial: 1 });
  const proved = await shown(alice, bobsAddress, ({ trust }) => trust === 'domain');
  expect(proved['trustReason']).toContain('example.com has signed');
  const check = await alice.one('domain', 'check', bobsAddress);
  expect(check).toMatchObject({ domain: 'example.com', answer: 'record' });
  expect(check['accounts']).toMatchObject([
    { from: 'contact', holds: true },
    { from: 'directory', holds: true },
  ]);

  const events = alice.listen(0);
  publish(await keeper.one('domain', 'revoke', 'bob'));
  expect((await keeper.one('domain', 'list'))['proofs']).toMatchObject([{ name: 'bob', state: 'revoked' }]);
  await alice.one('domain', 'check', 'example.com');
  expect(await alice.one('contact', 'show', bobsAddress)).toMatchObject({ trust: 'pinned' });
  const security = (address: string): Promise<Json> =>
    events.until(`a security event about ${address}`, (lines) =>
      lines.find((line) => line['event'] === 'security' && line['address'] === address),
    );
  expect(await security(bobsAddress)).toMatchObject({ kind: 'domain' });

  const thief = keeperOf('thief');
  const other = await thief.one('domain', 'init', 'example.com');
  publish(other);
  await bob.one('domain', 'accept', await issue(thief, bob));
  await alice.one('domain', 'check', 'example.com');
  expect(await security('example.com')).toMatchObject({ kind: 'domain' });
  expect(await alice.one('contact', 'show', bobsAddress)).toMatchObject({ trust: 'pinned' });
  expect(await alice.one('domain', 'known')).toMatchObject({ offeredKey: other['key'] });
  await alice.one('domain', 'trust', 'example.com', '--key', String(other['key']));
  await shown(alice, bobsAddress, ({ trust }) => trust === 'domain');
});

test('over HTTPS, with a key under a passphrase; and without any resolver, where the domain is its key', async () => {
  const over = await startDnsOverHttps(dns);
  stops.push(() => over.stop());
  const passphraseFile = path.join(world.folder, 'passphrase');
  writeFileSync(passphraseFile, 'correct horse\n');
  const sealed = ['--passphrase-file', passphraseFile];
  const keeper = keeperOf('keeper');
  publish(await keeper.one('domain', 'init', 'example.com', ...sealed));
  const [alice, bob] = await friends(
    ['--domain-lookup', 'dns', '--resolver', `https://localhost:${over.port}/dns-query`],
    { NODE_EXTRA_CA_CERTS: certificateFile },
  );
  const fingerprint = String(((await bob.one('status'))['account'] as Json)['fingerprint']);
  const wish = ['domain', 'issue', bobsAddress, '--key', fingerprint, '--until', '2d'];
  expect((await keeper.try(...wish)).stdout).toContain('passphrase-needed');
  writeFileSync(passphraseFile, 'wrong horse\n');
  expect((await keeper.try(...wish, ...sealed)).stdout).toContain('wrong-passphrase');
  writeFileSync(passphraseFile, 'correct horse\n');
  const { proof } = await keeper.one(...wish, ...sealed);
  await bob.one('domain', 'accept', String(proof));
  await shown(alice, bobsAddress, ({ trust }) => trust === 'domain');

  const own = await keeper.one('domain', 'init', '--self');
  const before = dns.asked.length;
  expect(await alice.one('domain', 'check', String(own['domain']))).toMatchObject({
    answer: 'self',
    key: own['key'],
  });
  expect(dns.asked.length).toBe(before);
});

test('a node begins with the relays and directory nodes of a domain that was named, or of its own address', async () => {
  const relay = await startRelay(world);
  const keeper = keeperOf('keeper');
  const named = ['--relay', relay.address, '--directory', relay.address];
  publish(await keeper.one('domain', 'init', 'example.com', ...named));
  const lookup = ['--domain-lookup', 'dns', '--resolver', dns.endpoint];
  const nodes = await Promise.all([
    startPerson(world, 'carol@example.net', { args: [...lookup, '--bootstrap', 'dns:example.com'] }),
    startPerson(world, bobsAddress, { args: lookup }),
  ]);
  for (const node of nodes) {
    for (const endMs = performance.now() + patienceMs; ;) {
      const status = await node.one('status');
      const relays = status['relays'] as readonly Json[];
      if (Number(status['directoryNodes']) > 0 && relays.some(({ address }) => address === relay.address))
        break;
      if (performance.now() > endMs) throw new Error(`${node.name}: ${JSON.stringify(status)}`);
    }
  }
  const stranger = await startPerson(world, 'dave@example.net', { args: lookup });
  expect(await stranger.one('status')).toMatchObject({ directoryNodes: 0, relays: [] });
  expect(dns.asked.filter((name) => name === '_mycelium.example.com').length).toBeGreaterThanOrEqual(2);
});
