/** Members of a relay by the hundred: owners that append, readers that are pushed, connections that do nothing. */
import { createPrimitives, createTransport } from '@mycelium/node';
import { parsePeerAddress, unwrap } from '@mycelium/protocol';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { frameBatch, LoadLink, queueKeys, shortFrame } from '../relay/load-link.ts';
import { answerQuestions } from './child.ts';

/** So many queues, counted from a number on. */
export interface QueueRange {
  readonly from: number;
  readonly count: number;
}

export interface LoadQuestions {
  readonly relay: { readonly asked: string; readonly answered: null };
  /** One connection for each queue, as its owner. */
  readonly own: { readonly asked: QueueRange; readonly answered: null };
  /** So many connections for each queue, subscribed to it. */
  readonly follow: { readonly asked: QueueRange & { readonly readers: number }; readonly answered: null };
  /** All queues over few connections. */
  readonly openMany: {
    readonly asked: QueueRange & { readonly role: 'owner' | 'reader' };
    readonly answered: null;
  };
  /** Connections that say hello and nothing else. */
  readonly idle: { readonly asked: number; readonly answered: null };
  /** Answered when each owner's next frames, so many, have been answered by *stored*. */
  readonly append: {
    readonly asked: { readonly frames: number; readonly window: number };
    readonly answered: null;
  };
  /** Answered when each reader has been pushed so many more frames. */
  readonly heard: { readonly asked: number; readonly answered: null };
  /** From now on readers do not read, or read again. */
  readonly reading: { readonly asked: boolean; readonly answered: null };
  /** Answered when each reader has been pushed so many since it subscribed. */
  readonly heardInAll: { readonly asked: number; readonly answered: null };
  readonly pushed: { readonly asked: null; readonly answered: number };
}

/** Below the bound on queues that one connection may have open. */
const queuesPerLink = 4_000;
/** Below the bound on handshakes that a listener has under way. */
const dialsAtOnce = 32;

const primitives = createPrimitives();
const transport = createTransport({
  keySeed: randomBytes(32),
  listen: [],
  runtimeFolder: tmpdir(),
  paths: ['tcp'],
});
const owners: { readonly link: LoadLink; readonly route: Uint8Array }[] = [];
const readers: LoadLink[] = [];
const idle: LoadLink[] = [];
let relay = '';

function dial(): Promise<LoadLink> {
  return LoadLink.open(transport, unwrap(parsePeerAddress(relay)), primitives);
}

/** `each` for 0 to count − 1, some at a time. */
async function forEach(count: number, each: (at: number) => Promise<void>): Promise<null> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await each(next++);
  };
  await Promise.all(Array.from({ length: Math.min(count, dialsAtOnce) }, lane));
  return null;
}

/** Writes `window` frames whenever all are answered, as a sender does that has much to send. */
function appendAll(
  owner: { readonly link: LoadLink; readonly route: Uint8Array },
  { frames, window }: { readonly frames: number; readonly window: number },
): Promise<void> {
  const { link, route } = owner;
  const batch = frameBatch(route, window);
  const perWrite = batch.length / shortFrame;
  const end = link.stored + frames;
  let sent = link.stored;
  return new Promise((resolve) => {
    const pump = (): void => {
      while (sent < end && sent + perWrite - link.stored <= window) {
        const count = Math.min(perWrite, end - sent);
        link.write(batch.subarray(0, count * shortFrame));
        sent += count;
      }
      if (link.stored >= end) resolve();
    };
    link.onStored = pump;
    pump();
  });
}

function hears(link: LoadLink, upTo: number): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (link.pushed >= upTo) resolve();
    };
    link.onPushed = check;
    check();
  });
}

answerQuestions<LoadQuestions>({
  relay: (address) => {
    relay = address;
    return null;
  },
  own: ({ from, count }) =>
    forEach(count, async (at) => {
      const keys = queueKeys(primitives, from + at);
      const link = await dial();
      await link.openQueue(keys, 'owner');
      owners.push({ link, route: keys.route });
    }),
  follow: ({ from, count, readers: each }) =>
    forEach(count * each, async (at) => {
      const link = await dial();
      await link.openQueue(queueKeys(primitives, from + Math.floor(at / each)), 'reader');
      readers.push(link);
    }),
  openMany: async ({ from, count, role }) => {
    for (let first = 0; first < count; first += queuesPerLink) {
      const link = await dial();
      idle.push(link);
      for (let at = first; at < Math.min(count, first + queuesPerLink); at += 1)
        await link.openQueue(queueKeys(primitives, from + at), role);
    }
    return null;
  },
  idle: (count) => forEach(count, async () => void idle.push(await dial())),
  append: async (asked) => {
    await Promise.all(owners.map((owner) => appendAll(owner, asked)));
    return null;
  },
  heard: async (frames) => {
    await Promise.all(readers.map((link) => hears(link, link.pushed + frames)));
    return null;
  },
  heardInAll: async (frames) => {
    await Promise.all(readers.map((link) => hears(link, frames)));
    return null;
  },
  reading: (isReading) => {
    for (const link of readers)
      if (isReading) link.resume();
      else link.pause();
    return null;
  },
  pushed: () => readers.reduce((sum, { pushed }) => sum + pushed, 0),
});
