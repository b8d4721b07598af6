import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { askServers, judgeServers, readServerReport } from '../../src/jetstream-store/durability.ts';

const running: Server[] = [];
afterEach(() => {
  for (const server of running.splice(0)) server.close();
});

/** Serves as the monitoring port of a server does; answers `HOST:PORT`. */
async function monitor(body: unknown): Promise<string> {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/varz' ? 200 : 404;
    response.end(JSON.stringify(body));
  });
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

const varz = (name: string, version: string, config: object): object => ({
  server_name: name,
  version,
  jetstream: { config },
});
const synced = { sync_interval: 120_000_000_000, sync_always: true };

test('servers of 2.10 and later that sync always keep the promise', async () => {
  const hosts = await Promise.all([
    monitor(varz('a', '2.10.0', synced)),
    monitor(varz('b', '2.11.4', synced)),
    monitor(varz('c', '3.0.1-RC.1', synced)),
  ]);
  expect(judgeServers(new Set(['a', 'b', 'c']), await askServers(hosts))).toEqual({ keepsPromise: true });
});

test.for([
  ['one that is too old', varz('b', '2.9.10', synced), 'version 2.9.10'],
  [
    'one that syncs later',
    varz('b', '2.10.29', { sync_interval: 120_000_000_000 }),
    'runs without "sync_interval: always"',
  ],
  ['one without JetStream', { server_name: 'b', version: '2.10.29' }, 'runs without "sync_interval: always"'],
  ['one that says something else', ['hello'], 'does not say how it syncs'],
  ['one that answers nothing', undefined, 'does not say how it syncs'],
] as const)('one of three is enough against it: %s', async ([, body, why]) => {
  const hosts = [await monitor(varz('a', '2.10.0', synced)), await monitor(varz('c', '2.10.0', synced))];
  hosts.push(body === undefined ? '127.0.0.1:1' : await monitor(body));
  const verdict = judgeServers(new Set(['a', 'b', 'c']), await askServers(hosts));
  expect(verdict).toMatchObject({
    keepsPromise: false,
    why: expect.stringContaining(`the server b ${why === 'version 2.9.10' ? 'is ' : ''}${why}`),
  });
});

test('a server that does not hold the mail may sync as it likes', () => {
  const reports = [varz('a', '2.10.0', synced), varz('idle', '2.9.0', {})].map(readServerReport);
  expect(
    judgeServers(
      new Set(['a']),
      reports.filter((report) => report !== undefined),
    ),
  ).toEqual({
    keepsPromise: true,
  });
});

test('where nobody is known to hold the mail nothing is promised', () => {
  expect(judgeServers(new Set(), [])).toMatchObject({ keepsPromise: false });
});
