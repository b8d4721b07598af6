// What a link holds for a peer that does not read: the bytes that were written, not the chunks that they are parts of.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setImmediate as turn } from 'node:timers/promises';
import type { Link } from '@mycelium/runtime';
import { expect, test } from 'vitest';
import { loosePartsMax } from '../../src/links/bounds.ts';
import { NodeTransports } from './subject.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function bufferBytes(): number {
  collectGarbage();
  collectGarbage(); // buffers that the first one found dead
  return process.memoryUsage().arrayBuffers;
}

const chunkBytes = 65_536;

test('frames out of a thousand chunks that wait for a peer hold the frames, not the chunks', async () => {
  const subject = new NodeTransports('unix', 0);
  try {
    const [alice, bob] = [subject.create(), subject.create()];
    let accept: (link: Link) => void = () => undefined;
    const accepted = new Promise<Link>((resolve) => (accept = resolve));
    await bob.listen((link) => accept(link));
    const link = await alice.dial(subject.addressOf(bob), new AbortController().signal);
    (await accepted).pause();
    // More than the system takes for a socket: from here on everything waits.
    for (let at = 0; at < 16; at += 1) link.write(new Uint8Array(chunkBytes));
    for (let at = 0; at < 16; at += 1) await turn();
    const before = bufferBytes();
    for (let at = 0; at < 1_000; at += 1) {
      link.write(new Uint8Array(chunkBytes).subarray(at, at + 128));
      if (at % 100 === 0) await turn();
    }
    expect(bufferBytes() - before).toBeLessThan(loosePartsMax * chunkBytes + 1_000_000);
  } finally {
    await subject.close();
  }
});
