import { afterEach, describe, expect, test } from 'vitest';
import { transportCases } from '@mycelium/simulation';
import { freePort, NodeTransports } from './subject.ts';

let subject: NodeTransports | undefined;

afterEach(async () => {
  await subject?.close();
});

describe.for(['unix', 'tcp', 'udp', 'websocket'] as const)('links over %s', (path) => {
  for (const { title, run } of transportCases) {
    test(title, async () => {
      subject = new NodeTransports(path, await freePort());
      await run(subject);
    });
  }

  test('travel over the path under test', async () => {
    subject = new NodeTransports(path, await freePort());
    const [alice, bob] = [subject.create(), subject.create()];
    await bob.listen(() => undefined);
    const link = await alice.dial(subject.addressOf(bob), new AbortController().signal);
    expect(link.path).toBe(path);
  });
});
