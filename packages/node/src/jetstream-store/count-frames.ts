/** How many frames all queues hold: exactly where there are few queues, else about. */
import type { Connection } from './connection.ts';
import type { Tip } from './queue-log.ts';
import { routeHex, shards, type Subjects } from './subjects.ts';
import { hexToBytes } from '@mycelium/protocol';

/** Queues that are asked one by one. */
const countedMax = 100;

export async function countFrames(
  connection: Connection,
  subjects: Subjects,
  usage: { readonly queues: number; readonly records: number },
  tipOf: (route: Uint8Array) => Promise<Tip | undefined>,
): Promise<number> {
  // A record has at least one frame, but for the ones that only say where a queue stands.
  if (usage.queues > countedMax) return Math.max(0, usage.records - usage.queues);
  let frames = 0;
  for (let shard = 0; shard < shards; shard += 1) {
    const { manager } = connection.nats;
    const name = subjects.stream(shard);
    const info = await connection.ask(() =>
      manager.streams.info(name, { subjects_filter: subjects.all(shard) }),
    );
    const routes = Object.keys(info.state.subjects ?? {}).map((subject) => hexToBytes(routeHex(subject)));
    const tips = await Promise.all(routes.filter((route) => route !== undefined).map(tipOf));
    for (const tip of tips) if (tip !== undefined) frames += tip.record.next - tip.record.first;
  }
  return frames;
}
