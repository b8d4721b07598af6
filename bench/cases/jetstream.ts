/** Our relay and NATS JetStream in turn: who appends more short messages a second, and has them pushed to a reader. */
import { type Budget, type Case, type Result, skipped } from '../case.ts';
import { Child } from '../processes/child.ts';
import { Race } from '../race.ts';
import { appendAndHear, type RelayScene, withRelay } from '../relay/scene.ts';
import type { JetStreamQuestions } from '../rivals/jetstream-load.ts';
import { natsServerVersion } from '../rivals/nats-server.ts';
import { round } from '../statistics.ts';

const name = 'relay.jetstream';
const queues = 32;
const window = 256;

const counts =
  `Times as many short messages a second: our relay as in relay.durable (${queues} queues) against one JetStream stream on disk ` +
  `with ${queues} subjects, messages of 128 bytes, ${queues * window} acks under way, pushed to one consumer that acks nothing; ` +
  'in turn, in one run. The acks differ: our *stored* means synced to disk (fdatasync); of JetStream 2.9, which Debian has, ' +
  'it means written to the page cache: it syncs every two minutes (sync_interval: always came with 2.10). Our links are ' +
  'encrypted, its connections are not. Its publisher uses bare publishing with a reply subject, which is faster than ' +
  'its client’s js.publish, for which see the figure in brackets.';

interface Rival {
  readonly publisher: Child<JetStreamQuestions>;
  readonly reader: Child<JetStreamQuestions>;
}

async function publishAndHear(
  { publisher, reader }: Rival,
  messages: number,
  promises: boolean,
): Promise<number> {
  const started = performance.now();
  const heard = reader.ask('heard', messages);
  const wish = { messages, subjects: queues, bytes: 128, window: queues * window, promises };
  await publisher.ask('publish', wish);
  await heard;
  return messages / ((performance.now() - started) / 1000);
}

async function compete(scene: RelayScene, rival: Rival, budget: Budget): Promise<Race> {
  const [rounds, frames] = budget.quick ? [4, 2_000] : [7, 8_000];
  const outcome = new Race();
  for (let at = -1; at < rounds; at += 1) {
    const { framesPerSecond } = await appendAndHear(scene, queues, frames);
    const jetStream = await publishAndHear(rival, queues * frames, false);
    const promised = await publishAndHear(rival, (queues * frames) / 4, true);
    if (at < 0) continue; // the first round warms up
    outcome.add('ours', framesPerSecond);
    outcome.add('JetStream', jetStream);
    outcome.add('js.publish', promised);
  }
  return outcome;
}

async function measure(version: string, budget: Budget): Promise<Result> {
  const script = '../rivals/jetstream-load.ts';
  const rival = {
    publisher: new Child<JetStreamQuestions>(script),
    reader: new Child<JetStreamQuestions>(script),
  };
  try {
    const url = await rival.publisher.ask('serve', null);
    for (const child of [rival.publisher, rival.reader]) await child.ask('connect', url);
    await rival.publisher.ask('stream', null);
    await rival.reader.ask('follow', null);
    const outcome = await withRelay(async (scene) => {
      await scene.near.ask('own', { from: 0, count: queues });
      await scene.far.ask('follow', { from: 0, count: queues, readers: 1 });
      return compete(scene, rival, budget);
    });
    return {
      case: name,
      value: outcome.ratio('ours', 'JetStream'),
      unit: '×',
      spread: outcome.spread('JetStream'),
      ratios: outcome.ratios('ours', ['JetStream', 'js.publish']),
      quantiles: {
        'ours k/s': round(outcome.rate('ours') / 1000),
        'JetStream k/s': round(outcome.rate('JetStream') / 1000),
        'js.publish k/s': round(outcome.rate('js.publish') / 1000),
      },
      counts: `${counts} nats-server ${version}.`,
      goal: { bound: 'least', value: 3 },
      limit:
        'Both take all the processor there is: seen for one frame, 2.0 µs in the relay, 0.7 in owner and reader; 5.3 µs in ' +
        'nats-server, 2.7 in its clients. Of the relay’s, four tenths are the system’s calls for sockets and the disk and XChaCha20-Poly1305. ' +
        'A machine that is busy with other things favours nats-server, which has many threads.',
    };
  } finally {
    await Promise.all([rival.publisher.stop(), rival.reader.stop()]);
  }
}

async function run(budget: Budget): Promise<readonly Result[]> {
  const version = natsServerVersion();
  if (version === undefined)
    return [skipped(name, '×', counts, 'not installed: nats-server (apt install nats-server)')];
  return [await measure(version, budget)];
}

export const jetStream: Case = { names: [name], run };
