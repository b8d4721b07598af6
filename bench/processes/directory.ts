/** Many directory nodes in one process, on loopback. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createPrimitives,
  createTransport,
  startDirectory,
  systemClock,
  type Endpoint,
} from '@mycelium/node';
import { answerQuestions } from './child.ts';

export interface DirectoryQuestions {
  start: { readonly asked: number; readonly answered: readonly Endpoint[] };
  /** The last ones end at once, and tell nobody. */
  vanish: { readonly asked: number; readonly answered: number };
}

const folder = mkdtempSync(path.join(tmpdir(), 'mycelium-bench-directory-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const primitives = createPrimitives();
const running: { readonly at: Endpoint; readonly end: () => Promise<void> }[] = [];

async function startNode(number: number): Promise<void> {
  const first = running[0]?.at;
  const transport = createTransport({
    keySeed: randomBytes(32),
    listen: [{ host: '127.0.0.1', port: 0 }],
    runtimeFolder: folder,
    dht: { role: 'directory', bootstrap: first === undefined ? [] : [first] },
  });
  await transport.listen((link) => link.close());
  const { dht } = transport;
  const at = transport.addresses[0]?.endpoint;
  if (dht === undefined || at === undefined) throw new Error('a directory node listens on UDP');
  await startDirectory({ dht, primitives, clock: systemClock, file: path.join(folder, `${number}.claims`) });
  running.push({ at, end: () => transport.close() });
}

answerQuestions<DirectoryQuestions>({
  async start(count) {
    for (let number = 0; number < count; number += 1) await startNode(number);
    return running.map(({ at }) => at);
  },
  async vanish(count) {
    const gone = running.splice(running.length - count, count);
    await Promise.all(gone.map(({ end }) => end()));
    return running.length;
  },
});
