/** A relay whose disk is full: it refuses what is new with a code, serves what it has, and goes on when there is room. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MailPeer } from './harness/mail-peer.ts';
import { TestNode } from './harness/node.ts';
import { World } from './harness/program.ts';

let world: World;
const peers: MailPeer[] = [];
beforeEach(() => {
  world = new World();
});
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.end();
  await world.end();
});

function mount(...options: string[]): void {
  execFileSync('mount', options, { stdio: 'pipe' });
}

async function connected(relay: TestNode): Promise<MailPeer> {
  const peer = new MailPeer(world.folder);
  peers.push(peer);
  return peer.connect(relay.address);
}

/** Appends, by the hundred and then one by one, until not one more frame fits; answers how many are stored. */
async function fill(owner: MailPeer): Promise<number> {
  let stored = 0;
  for (const pieces of [500, 1]) {
    expect(await owner.open('owner')).toBe(`opened 0-${stored}`);
    for (let refused = false; !refused;) {
      const before = owner.words.length;
      owner.append(stored, stored + pieces);
      const answers = await owner.until('answers', () => {
        const heard = owner.words.slice(before);
        return heard.length === pieces ? heard : undefined;
      });
      stored += answers.filter((word) => word.startsWith('stored')).length;
      refused = answers.some((word) => word.startsWith('error'));
    }
  }
  return stored;
}

test('a relay on a full disk refuses new mail, serves what it has, and takes mail again without a restart', async (context) => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return context.skip('a small disk of our own needs root on Linux');
  const store = path.join(world.folder, 'disk');
  mkdirSync(store);
  try {
    mount('-t', 'tmpfs', '-o', 'size=7m', 'tmpfs', store);
  } catch {
    return context.skip('mounting a tmpfs is not permitted here');
  }
  try {
    const relay = await new TestNode(world, 'relay', {
      roles: 'relay',
      store: path.join(store, 'mail'),
    }).start();
    const owner = await connected(relay);
    const stored = await fill(owner);
    expect(stored).toBeGreaterThan(5_000);
    const [refused, ...later] = owner.words.filter((word) => word.startsWith('error'));
    expect(refused).toBe('error store-full');
    expect(later.every((word) => word === 'error store-full' || word === 'error out-of-order')).toBe(true);
    // Where no frame fits, the records of three new queues at most do.
    const newcomers = [];
    const answers = [];
    for (let at = 0; at < 4; at += 1) {
      const newcomer = await connected(relay);
      newcomers.push(newcomer);
      answers.push(await newcomer.open('owner'));
    }
    expect(answers.at(-1)).toBe('error store-full');
    const newcomer = newcomers.at(-1) ?? owner;
    // Everything that it has is served, also to a reader that comes only now.
    expect(await owner.open('reader')).toBe(`opened 0-${stored}`);
    expect(await owner.fetch(0)).toBe('push 0+256');
    expect(await owner.fetch(stored - 10)).toBe(`push ${stored - 10}+10`);
    // Who asks again while it is full hears the same, and nothing breaks.
    expect(await owner.open('owner')).toBe(`opened 0-${stored}`);

    mount('-o', 'remount,size=40m', store);
    await expect.poll(() => newcomer.open('owner'), { interval: 200 }).toBe('opened 0-0');
    newcomer.append(0, 10);
    await newcomer.until('the tenth answer', () => newcomer.words.includes('stored 9') || undefined);
    expect(await owner.open('owner')).toBe(`opened 0-${stored}`);
    owner.append(stored, stored + 5);
    await owner.until('an answer', () => owner.words.includes(`stored ${stored + 4}`) || undefined);

    await relay.kill();
    await relay.start();
    await owner.connect(relay.address);
    expect(await owner.open('owner')).toBe(`opened 0-${stored + 5}`);
    await relay.stop();
  } finally {
    execFileSync('umount', ['-l', store]);
  }
});
