import { afterEach, describe, expect, test } from 'vitest';
import {
  createDnsOverHttps,
  createDomainRecords,
  createSystemResolver,
  createWebFiles,
  type Names,
} from '@mycelium/node';
import { domainRecordPath } from '@mycelium/protocol';
import { domainRecordsCases, type DomainRecordsSubject } from '@mycelium/simulation';
import { certificate, DnsServer, startDnsOverHttps, startHttps, type HttpsServer } from './dns-server.ts';

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function startDns(): Promise<DnsServer> {
  const dns = await new DnsServer().start();
  stops.push(() => dns.stop());
  return dns;
}

async function serve(respond: Parameters<typeof startHttps>[0]): Promise<HttpsServer> {
  const server = await startHttps(respond);
  stops.push(() => server.stop());
  return server;
}

async function namesOver(kind: 'DNS' | 'HTTPS', dns: DnsServer): Promise<Names> {
  if (kind === 'DNS') return createSystemResolver([dns.endpoint]);
  const server = await startDnsOverHttps(dns);
  stops.push(() => server.stop());
  return createDnsOverHttps({ url: `https://127.0.0.1:${server.port}/dns-query`, ca: certificate });
}

/** A DNS server, and a web server for all domains, on loopback. */
async function subjectOver(kind: 'DNS' | 'HTTPS'): Promise<DomainRecordsSubject> {
  const dns = await startDns();
  const files = new Map<string, string>();
  const server = await serve(({ path, host }) => {
    const file = files.get(host.split(':')[0] ?? '');
    return path === domainRecordPath && file !== undefined ? { status: 200, body: file } : { status: 404 };
  });
  const names = await namesOver(kind, dns);
  const web = createWebFiles({ names, privateToo: true, port: server.port, ca: certificate });
  return {
    records: createDomainRecords({ names, web }),
    publish: (domain, published) => {
      dns.set(domain, 'A', published === undefined ? [] : ['127.0.0.1']);
      dns.set(`_mycelium.${domain}`, 'TXT', published?.texts ?? []);
      if (published?.file !== undefined) files.set(domain, published.file);
    },
    cutOff: () => {
      dns.failing = true;
    },
    asked: () => dns.asked,
  };
}

describe.for(['DNS', 'HTTPS'] as const)('records of domains over %s', (kind) => {
  for (const { title, run } of domainRecordsCases)
    test(title, { timeout: 60_000 }, async () => run(await subjectOver(kind)));
});

test('over HTTPS it is known how long an answer holds', async () => {
  const dns = await startDns();
  dns.set('_mycelium.example.com', 'TXT', ['v=1', 'v=spf1 -all'], 77);
  const records = createDomainRecords({ names: await namesOver('HTTPS', dns), web: undefined });
  expect(await records.lookUp('example.com', { web: false })).toMatchObject({ kind: 'texts', ttlMs: 77_000 });
});

test('nothing is looked up where that is switched off', async () => {
  const records = createDomainRecords({ names: undefined, web: undefined });
  expect(await records.lookUp('example.com', { web: true })).toMatchObject({ kind: 'failed' });
});

describe('a resolver over HTTPS that does not do as it should', () => {
  const bad: readonly [string, ReturnType<Parameters<typeof startHttps>[0]>, RegExp][] = [
    ['answers with a redirect', { status: 302, headers: { location: 'https://example.net/' } }, /status 302/],
    [
      'answers with a page',
      { status: 200, headers: { 'content-type': 'text/html' }, body: 'hi' },
      /no application/,
    ],
    [
      'answers with what is no DNS message',
      { status: 200, headers: { 'content-type': 'application/dns-message' }, body: 'hi' },
      /no DNS message/,
    ],
    [
      'answers without end',
      { status: 200, headers: { 'content-type': 'application/dns-message' }, body: 'a'.repeat(70_000) },
      /more than 65535 bytes/,
    ],
  ];
  test.for(bad)('%s', { timeout: 60_000 }, async ([, answer, reason]) => {
    const { port } = await serve(() => answer);
    const names = createDnsOverHttps({ url: `https://127.0.0.1:${port}/dns-query`, ca: certificate });
    const said = await createDomainRecords({ names, web: undefined }).lookUp('example.com', { web: false });
    expect(said.kind === 'failed' ? said.reason : said.kind).toMatch(reason);
  });

  test('answers another question', { timeout: 60_000 }, async () => {
    const dns = await startDns();
    dns.set('_mycelium.example.net', 'TXT', ['v=1']);
    const query = createSystemResolver([dns.endpoint]);
    expect((await query.texts('_mycelium.example.net')).texts).toEqual(['v=1']);
    const { port } = await serve(({ body }) => ({
      status: 200,
      headers: { 'content-type': 'application/dns-message' },
      body: dns.answer(Buffer.from(body.toString('latin1').replace('example', 'exomple'), 'latin1')),
    }));
    const names = createDnsOverHttps({ url: `https://127.0.0.1:${port}/`, ca: certificate });
    const said = await createDomainRecords({ names, web: undefined }).lookUp('example.net', { web: false });
    expect(said.kind === 'failed' ? said.reason : said.kind).toMatch(/another question/);
  });
});
