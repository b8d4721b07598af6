// The relay's figures over HTTP: for programs of this machine, not for pages in its browsers.
import { readFileSync } from 'node:fs';
import { request, type RequestOptions } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveMetrics, type MetricsServer } from '../src/relay/metrics-server.ts';
import { createRelayMetrics } from '../src/relay/relay-metrics.ts';

let server: MetricsServer;
beforeEach(async () => {
  server = await serveMetrics(0, { contentType: 'text/plain', text: () => Promise.resolve('figures\n') });
});
afterEach(() => server.close());

function ask(
  options: RequestOptions,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(server.url, options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('figures are told to who asks for 127.0.0.1 or localhost', async () => {
  expect(await ask({})).toEqual({ status: 200, body: 'figures\n' });
  const { port } = new URL(server.url);
  expect(await ask({ headers: { host: `localhost:${port}` } })).toMatchObject({ status: 200 });
});

test.for([
  [{ headers: { host: 'evil.example' } }, 403],
  [{ headers: { host: '127.0.0.1.evil.example' } }, 403],
  [{ path: '/' }, 404],
  [{ path: '/metrics/../etc' }, 404],
  [{ method: 'POST' }, 405],
] as const)('%j is refused with %i', async ([options, status]) => {
  expect(await ask(options)).toMatchObject({ status });
});

test('a port that is taken is told', async () => {
  const { port } = new URL(server.url);
  const second = serveMetrics(Number(port), { contentType: '', text: () => Promise.resolve('') });
  await expect(second).rejects.toMatchObject({
    code: 'address-in-use',
    message: expect.stringContaining('metrics.port'),
  });
});

test('what a relay does is counted, by kind and outcome', async () => {
  const metrics = createRelayMetrics();
  metrics.relay.opened('owner', 'ok');
  metrics.relay.appended('mail', 'ok', 3, 384);
  metrics.relay.appended('intake', 'stamp', 1, 4096);
  metrics.relay.stored(2);
  metrics.relay.read('ok', 3, 384);
  metrics.relay.trimmed('failed');
  metrics.relay.upkeep(7);
  metrics.relay.upkeep(undefined);
  metrics.gate.entered();
  metrics.gate.refused('rate');
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('mycelium_relay_'));
  expect(lines.filter((line) => !line.includes('_bucket'))).toEqual([
    'mycelium_relay_opens_total{role="owner",outcome="ok"} 1',
    'mycelium_relay_append_frames_total{kind="mail",outcome="ok"} 3',
    'mycelium_relay_append_frames_total{kind="intake",outcome="stamp"} 1',
    'mycelium_relay_append_bytes_total{kind="mail",outcome="ok"} 384',
    'mycelium_relay_append_bytes_total{kind="intake",outcome="stamp"} 4096',
    'mycelium_relay_tokens_told_total 0',
    'mycelium_relay_store_seconds_sum 0.002',
    'mycelium_relay_store_seconds_count 1',
    'mycelium_relay_reads_total{outcome="ok"} 1',
    'mycelium_relay_read_frames_total 3',
    'mycelium_relay_read_bytes_total 384',
    'mycelium_relay_trims_total{outcome="failed"} 1',
    'mycelium_relay_upkeep_total{outcome="ok"} 1',
    'mycelium_relay_upkeep_total{outcome="failed"} 1',
    'mycelium_relay_expired_frames_total 7',
    'mycelium_relay_connections_begun_total 1',
    'mycelium_relay_connections_proved_total 0',
    'mycelium_relay_connections_refused_total{reason="rate"} 1',
    'mycelium_relay_reloads_total 0',
  ]);
});

test('the dashboard asks for figures that there are, and the guide names each of them', async () => {
  const docs = new URL('../../../docs/', import.meta.url);
  const metrics = createRelayMetrics();
  metrics.watch({
    store: { usage: () => Promise.resolve({ queues: 2, frames: 3, bytes: 400 }) },
    limits: { bytesMax: 4000, queuesMax: 20, framesPerQueueMax: 10, retentionMs: 60_000 },
    connections: () => 5,
    version: '0.1.0',
  });
  const told = new Set(
    [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)/gm)].map(([, name = '']) => name),
  );
  const dashboard = readFileSync(new URL('relay-dashboard.json', docs), 'utf8');
  const asked = [...dashboard.matchAll(/(?:mycelium_relay|process|nodejs)_[a-z0-9_]+/g)].map(([name]) =>
    name.replace(/_bucket$/, ''),
  );
  expect(asked.length).toBeGreaterThan(20);
  expect(asked.filter((name) => !told.has(name))).toEqual([]);
  const guide = readFileSync(new URL('relay.md', docs), 'utf8');
  const ours = [...told].filter((name) => name.startsWith('mycelium_relay_'));
  expect(ours.filter((name) => !guide.includes(`\`${name.slice('mycelium_relay_'.length)}\``))).toEqual([]);
});
