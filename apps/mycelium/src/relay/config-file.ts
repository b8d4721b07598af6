/** The relay's configuration file, TOML (docs/relay.md): every key with its bounds and what holds without it. */
import { readFileSync } from 'node:fs';
import { parse, TomlError, type TomlTable } from 'smol-toml';
import { UsageError } from '../failures.ts';
import { ConfigSections } from './config-sections.ts';
import {
  blockListOf,
  byteSize,
  duration,
  endpoint,
  filePath,
  listOf,
  networkRange,
  oneOf,
  transportKey,
  whole,
} from './config-values.ts';
import type { ConnectionSettings, ListenSettings, RelaySettings, StoreSettings } from './settings.ts';
import { storeUrl } from './store-url.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** @throws UsageError `config`, with every mistake and its line */
export function readRelayConfig(file: string): RelaySettings {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    const reason = readFailures[code] ?? `it could not be read (${code})`;
    throw new UsageError(`--config ${file}: ${reason}.`, 'config');
  }
  return parseRelayConfig(text, file);
}

const readFailures: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
};

export function parseRelayConfig(text: string, file: string): RelaySettings {
  const from = new ConfigSections(text, parseToml(text, file));
  const settings = settingsOf(from);
  const mistakes = from.mistakes();
  if (mistakes.length === 0) return settings;
  const lines = mistakes.map(({ line, sentence }) => (line === undefined ? '' : `line ${line}, `) + sentence);
  throw new UsageError(
    [`${file}: ${lines.length === 1 ? 'a mistake' : `${lines.length} mistakes`}.`, ...lines].join('\n'),
    'config',
  );
}

/** What holds without a file. */
export const usualRelaySettings: RelaySettings = parseRelayConfig('', 'no file');

function parseToml(text: string, file: string): TomlTable {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    const sentence = `${reason}. It is TOML: see https://toml.io and docs/relay.md.`;
    throw new UsageError(
      `${file}: a mistake.\nline ${error.line}, column ${error.column}: ${sentence}`,
      'config',
    );
  }
}

function settingsOf(from: ConfigSections): RelaySettings {
  return {
    listen: listenSettings(from),
    store: storeSettings(from),
    access: {
      owners: from.take('access', 'owners', oneOf('anybody', 'listed'), 'anybody' as const),
      listed: new Set(from.take('access', 'listed', listOf(transportKey, 100_000), [])),
      networks: networksOf(from),
      refusedNetworks: blockListOf(from.take('access', 'refused-networks', listOf(networkRange, 10_000), [])),
    },
    strangers: {
      proofOfWork: from.take('strangers', 'proof-of-work', whole(0, 24), 0),
      perQueueHour: from.take('strangers', 'per-queue-hour', whole(1, 1_000_000), 480),
      perQueueBurst: from.take('strangers', 'per-queue-burst', whole(23, 1_000_000), 240),
      perSourceHour: from.take('strangers', 'per-source-hour', whole(23, 10_000_000), 5_000),
    },
    connections: connectionSettings(from),
    sources: {
      newQueuesPerHour: from.take('sources', 'new-queues-per-hour', whole(1, 100_000_000), 20_000),
      bytesPerHour: from.take('sources', 'bytes-per-hour', byteSize(2 ** 20), 4 * 2 ** 30),
    },
    metrics: { port: from.take('metrics', 'port', whole(0, 65_535), undefined) },
    log: {
      format: from.take('log', 'format', oneOf('text', 'json'), 'text' as const),
      level: from.take('log', 'level', oneOf('debug', 'info', 'warn', 'error'), undefined),
    },
  };
}

function listenSettings(from: ConfigSections): ListenSettings {
  const addresses = from.take('listen', 'addresses', listOf(endpoint, 16), []);
  const websocket = from.take('listen', 'websocket', listOf(endpoint, 16), []);
  const certificate = from.take('listen', 'certificate', filePath, undefined);
  const key = from.take('listen', 'key', filePath, undefined);
  if ((certificate === undefined) !== (key === undefined)) {
    const [there, missing] = key === undefined ? ['certificate', 'key'] : ['key', 'certificate'];
    from.wrong('listen', there, `it needs listen.${missing} beside it.`);
  }
  if (certificate !== undefined && websocket.length === 0)
    from.wrong('listen', 'certificate', 'it is for listen.websocket, which is missing.');
  return { addresses, websocket, certificate, key };
}

function storeSettings(from: ConfigSections): StoreSettings {
  return {
    url: from.take('store', 'url', storeUrl, undefined),
    durability: from.take('store', 'durability', oneOf('synced', 'replicated'), 'synced' as const),
    retentionMs: from.take(
      'store',
      'retention',
      duration(hourMs, 366 * dayMs, 'from 1h to 366d'),
      30 * dayMs,
    ),
    bytesMax: from.take('store', 'bytes', byteSize(2 ** 20), 20 * 2 ** 30),
    queuesMax: from.take('store', 'queues', whole(1, 100_000_000), 1_000_000),
    framesPerQueueMax: from.take('store', 'frames-per-queue', whole(100, 4_000_000), 100_000),
  };
}

function connectionSettings(from: ConfigSections): ConnectionSettings {
  const number = (key: string, [least, most]: readonly [number, number], usual: number): number =>
    from.take('connections', key, whole(least, most), usual);
  return {
    most: number('most', [1, 1_000_000], 10_000),
    perSource: number('per-source', [1, 1_000_000], 256),
    countsLoopback:
      from.take('connections', 'loopback', oneOf('trusted', 'counted'), 'trusted') === 'counted',
    handshakesPerSecond: number('handshakes-per-second', [1, 100_000], 500),
    handshakesPerSourceMinute: number('handshakes-per-source-minute', [1, 1_000_000], 120),
    framesPerSecond: number('frames-per-second', [100, 10_000_000], 20_000),
    framesBurst: number('frames-burst', [1_000, 100_000_000], 100_000),
    framesPerQueueSecond: number('frames-per-queue-second', [1, 10_000_000], 10_000),
    framesPerQueueBurst: number('frames-per-queue-burst', [100, 100_000_000], 100_000),
    openQueues: number('open-queues', [16, 1_000_000], 32_768),
    openQueuesPerSource: number('open-queues-per-source', [16, 100_000_000], 131_072),
  };
}

/** A list with nothing in it lets nobody in, which nobody means. */
function networksOf(from: ConfigSections): RelaySettings['access']['networks'] {
  const ranges = from.take('access', 'networks', listOf(networkRange, 10_000), undefined);
  if (ranges?.length === 0)
    from.wrong('access', 'networks', 'the list is empty, which would let nobody in. Leave the key out.');
  return ranges === undefined ? undefined : blockListOf(ranges);
}
