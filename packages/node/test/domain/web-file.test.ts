import { afterEach, describe, expect, test } from 'vitest';
import { createSystemResolver, createWebFiles } from '@mycelium/node';
import { isPublicAddress } from '../../src/domain/public-addresses.ts';
import { certificate, DnsServer, startHttps } from './dns-server.ts';

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

type Respond = Parameters<typeof startHttps>[0];

/** A web server for every name, and what `read` of a domain comes to. */
async function ask(respond: Respond, domain: string, privateToo = true): Promise<string> {
  const dns = await new DnsServer().start();
  stops.push(() => dns.stop());
  for (const name of ['example.com', 'example.net']) dns.set(name, 'A', ['127.0.0.1']);
  const server = await startHttps(respond);
  stops.push(() => server.stop());
  const names = createSystemResolver([dns.endpoint]);
  const files = createWebFiles({ names, privateToo, port: server.port, ca: certificate });
  return files.read(domain).then(
    (file) => file?.text ?? 'none',
    (error: Error) => `refused: ${error.message}`,
  );
}

describe('the file of a domain', () => {
  const limits = { timeout: 60_000 };

  test('is what its server has there', limits, async () => {
    let asked = '';
    const answer = await ask(({ path, host }) => {
      asked = `${host.split(':')[0]} ${path}`;
      return { status: 200, body: '{"version":1}' };
    }, 'example.com');
    expect(answer).toBe('{"version":1}');
    expect(asked).toBe('example.com /.well-known/mycelium.json');
  });

  test('is none where the server says so', limits, async () => {
    expect(await ask(() => ({ status: 404 }), 'example.com')).toBe('none');
  });

  test('is not looked for elsewhere', limits, async () => {
    let requests = 0;
    const answer = await ask(() => {
      requests += 1;
      return { status: 302, headers: { location: '/elsewhere' } };
    }, 'example.com');
    expect(answer).toMatch(/refused: .*redirect/);
    expect(requests).toBe(1);
  });

  test('is of bounded size', limits, async () => {
    expect(await ask(() => ({ status: 200, body: 'a'.repeat(16_385) }), 'example.com')).toMatch(
      /16384 bytes/,
    );
  });

  test('comes from a server that has a certificate for the domain', limits, async () => {
    const answer = await ask(() => ({ status: 200, body: '{}' }), 'example.net');
    expect(answer).toMatch(/refused: .*ERR_TLS_CERT_ALTNAME_INVALID/);
  });

  test('is not asked for in the networks around us because a stranger’s DNS says so', limits, async () => {
    let requests = 0;
    const respond: Respond = () => {
      requests += 1;
      return { status: 200, body: '{}' };
    };
    expect(await ask(respond, 'example.com', false)).toMatch(/refused: .*private address/);
    expect(requests).toBe(0);
  });

  test('cannot be had where the domain has no address', limits, async () => {
    expect(await ask(() => ({ status: 200 }), 'nowhere.example')).toMatch(/refused: it has no address/);
  });
});

describe('an address is on the internet', () => {
  test.for([
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '172.32.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00::1',
  ])('%s is', (address) => expect(isPublicAddress(address)).toBe(true));
  test.for([
    '127.0.0.1',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '0.0.0.0',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.251',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    '64:ff9b:1::1',
    'fe80::1',
    'fc00::1',
    'fd12:3456::1',
    'fec0::1',
    'ff02::fb',
    '2001:db8::1',
    '2001::1',
    '2002:7f00:1::1',
    '100::1',
    'localhost',
    '',
    '127.1',
    '0x7f.0.0.1',
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));
});
