// The relay's configuration file: what it says is what holds, and every mistake is told with its line and a way out.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { UsageError } from '../src/failures.ts';
import { parseRelayConfig, readRelayConfig, usualRelaySettings } from '../src/relay/config-file.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const key = 'y'.repeat(51) + 'o';

/** What is said about this text. */
function mistakesIn(text: string): readonly string[] {
  try {
    parseRelayConfig(text, 'relay.toml');
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code: 'config' });
    return error instanceof Error ? error.message.split('\n') : [];
  }
  return [];
}

test('an empty file changes nothing', () => {
  expect(parseRelayConfig('# nothing\n', 'relay.toml')).toEqual(usualRelaySettings);
  expect(usualRelaySettings.store).toEqual({
    url: undefined,
    durability: 'synced',
    retentionMs: 30 * 86_400_000,
    bytesMax: 20 * 2 ** 30,
    queuesMax: 1_000_000,
    framesPerQueueMax: 100_000,
  });
});

test('the file in the documentation is allowed, and says what holds without one', () => {
  const guide = readFileSync(new URL('../../../docs/relay.md', import.meta.url), 'utf8');
  const [, text = ''] = /```toml\n([^`]*)```/.exec(guide.replaceAll('`mycelium status`', '')) ?? [];
  const settings = parseRelayConfig(text, 'docs/relay.md');
  expect(settings.listen.addresses).toHaveLength(2);
  // What stands there behind a # is allowed too.
  const shown = parseRelayConfig(text.replaceAll(/^# (?=[a-z-]+ = )/gm, ''), 'docs/relay.md');
  expect(shown.listen).toMatchObject({
    websocket: [{ host: '0.0.0.0', port: 443 }],
    certificate: expect.any(String),
    key: expect.any(String),
  });
  expect(shown.metrics.port).toBe(9464);
  expect({ ...settings, listen: usualRelaySettings.listen }).toEqual(usualRelaySettings);
});

test('values mean what they say', () => {
  const settings = parseRelayConfig(
    [
      '[listen]',
      'addresses = ["0.0.0.0:4190", "[::1]:4191"]',
      '[store]',
      'url = "file:///srv/mail"',
      'durability = "replicated"',
      'retention = "2w"',
      'bytes = "500 MiB"',
      '[access]',
      `owners = "listed"`,
      `listed = ["${key}", "${key}@relay.example.org:4190"]`,
      'networks = ["192.0.2.0/24", "2001:db8::/32"]',
      'refused-networks = ["192.0.2.7"]',
      '[strangers]',
      'proof-of-work = 18',
      '[metrics]',
      'port = 9464',
      '[log]',
      'format = "json"',
      'level = "warn"',
    ].join('\n'),
    'relay.toml',
  );
  expect(settings.listen.addresses).toEqual([
    { host: '0.0.0.0', port: 4190 },
    { host: '::1', port: 4191 },
  ]);
  expect(settings.store).toMatchObject({
    url: { kind: 'folder', folder: '/srv/mail' },
    durability: 'replicated',
    retentionMs: 14 * 86_400_000,
    bytesMax: 500 * 2 ** 20,
  });
  expect(settings.access.owners).toBe('listed');
  expect([...settings.access.listed]).toEqual([key]);
  expect(settings.access.networks?.check('192.0.2.99')).toBe(true);
  expect(settings.access.networks?.check('192.0.3.99')).toBe(false);
  expect(settings.access.networks?.check('2001:db8:7::1', 'ipv6')).toBe(true);
  expect(settings.access.refusedNetworks.check('192.0.2.7')).toBe(true);
  expect(settings.access.refusedNetworks.check('192.0.2.8')).toBe(false);
  expect(settings.strangers.proofOfWork).toBe(18);
  expect(settings.metrics.port).toBe(9464);
  expect(settings.log).toEqual({ format: 'json', level: 'warn' });
});

test('all mistakes are told at once, in the order of the file', () => {
  const text = ['[store]', 'retention = "30 weeks"', 'retension = "4w"', '', '[metrics]', 'port = "9464"'];
  expect(mistakesIn(text.join('\n'))).toEqual([
    'relay.toml: 3 mistakes.',
    'line 2, store.retention: "30 weeks" is not allowed. It is a duration from 1h to 366d, as text: "12h", "30d" or "4w".',
    'line 3, there is no key "retension" in [store]. There are url, durability, retention, bytes, queues, frames-per-queue.',
    'line 6, metrics.port: "9464" is not allowed. It is a whole number from 0 to 65535.',
  ]);
});

test.for([
  ['[stroe]\nbytes = "1 GiB"', 'line 1, there is no table "stroe" here. The tables are listen, store,'],
  ['port = 9464', 'line 1, there is no key "port" here. The tables are listen, store,'],
  ['metrics = 9464', 'line 1, metrics is a table: write [metrics] and its keys on lines below.'],
  ['[metrics]\nport = 9464\nport = 9465', 'line 3, column '],
  ['[metrics\nport = 9464', 'line 1, column '],
  ['[store]\nbytes = 20', 'line 2, store.bytes: 20 is not allowed. It is an amount of bytes from 1 MiB on,'],
  ['[store]\nbytes = "20 GB"', 'line 2, store.bytes: "20 GB" is not allowed.'],
  [
    '[store]\nurl = "http://example.org/"',
    'line 2, store.url: "http://example.org/" is not allowed. It is file:///',
  ],
  ['[store]\nretention = "30m"', 'line 2, store.retention: "30m" is not allowed.'],
  ['[store]\nqueues = -1', 'line 2, store.queues: -1 is not allowed. It is a whole number from 1 to'],
  ['[store]\nqueues = 1.5', 'line 2, store.queues: 1.5 is not allowed.'],
  ['[store]\nqueues = nan', 'line 2, store.queues: null is not allowed.'],
  [
    '[access]\nowners = "friends"',
    'line 2, access.owners: "friends" is not allowed. It is "anybody" or "listed".',
  ],
  ['[access]\nlisted = ["abc"]', 'line 2, access.listed: "abc" is not allowed. It is a list of at most'],
  ['[access]\nnetworks = ["192.0.2.0/33"]', 'line 2, access.networks: "192.0.2.0/33" is not allowed.'],
  ['[access]\nnetworks = []', 'line 2, access.networks: the list is empty, which would let nobody in.'],
  [
    '[listen]\naddresses = ["4190"]',
    'line 2, listen.addresses: "4190" is not allowed. It is a list of at most 16',
  ],
  [
    '[listen]\ncertificate = "relay.pem"',
    'line 2, listen.certificate: "relay.pem" is not allowed. It is the path',
  ],
  ['[listen]\nkey = "/etc/relay.pem"', 'line 2, listen.key: it needs listen.certificate beside it.'],
  [
    '[listen]\ncertificate = "/a.pem"\nkey = "/b.pem"',
    'line 2, listen.certificate: it is for listen.websocket, which is missing.',
  ],
  ['[strangers]\nproof-of-work = 25', 'line 2, strangers.proof-of-work: 25 is not allowed.'],
  ['metrics.port = 70000', 'line 1, metrics.port: 70000 is not allowed.'],
  ['"__proto__" = 1', 'there is no key "__proto__" here.'],
] as const)('%j: %s', ([text, sentence]) => {
  const [, mistake = ''] = mistakesIn(text);
  expect(mistake).toContain(sentence);
});

test('a file that cannot be read is told', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mycelium-config-'));
  folders.push(folder);
  const missing = path.join(folder, 'relay.toml');
  expect(() => readRelayConfig(missing)).toThrow(`--config ${missing}: there is no such file.`);
  expect(() => readRelayConfig(folder)).toThrow('it is a folder');
  writeFileSync(missing, '[metrics]\nport = 9464\n');
  expect(readRelayConfig(missing).metrics.port).toBe(9464);
});
