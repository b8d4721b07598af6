import { ClientStoreError, type ClientStore, type MailAgent, type Write } from '@mycelium/runtime';
import {
  createMemoryClientStore,
  createSeededRandomness,
  createVirtualClock,
  type MemoryClientStore,
} from '@mycelium/simulation';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../src/index.ts';
import { Agenda, planWork, postponeWork, retryDelayMs, workDone } from '../src/loop/agenda.ts';
import { storedRows } from '../src/loop/rows.ts';
import { Loop } from '../src/loop/loop.ts';
import type { ClientPorts } from '../src/ports.ts';
import { numberKey, textKey } from '../src/store/keys.ts';
import { tables } from '../src/store/tables.ts';
import { primitives } from './people.ts';
import { PostOffice } from './post-office.ts';

interface Disk {
  readonly store: ClientStore;
  readonly syncs: readonly { readonly end: () => void; readonly fail: () => void }[];
}

/** `disk` may put another store before the one in memory. */
function scene(disk: (store: MemoryClientStore) => Disk = (store) => ({ store, syncs: [] })) {
  const store = createMemoryClientStore();
  const { store: slow, syncs } = disk(store);
  const clock = createVirtualClock();
  const deeds: string[] = [];
  const mail: MailAgent = Object.assign(new PostOffice().agent(), {
    leave: (route: Uint8Array) =>
      void deeds.push(`leave ${route[0]} after ${store.scan('psks').length} rows`),
    wake: (route: Uint8Array, next: number) => void deeds.push(`wake ${route[0]} to ${next}`),
  });
  const ports = {
    store: slow,
    clock,
    mail,
    primitives,
    randomness: createSeededRandomness('loop'),
  } as unknown as ClientPorts;
  const loop = new Loop(ports, () => deeds.push('agenda'));
  loop.transmit();
  return { store, syncs, clock, deeds, loop };
}

const row = (number: number): Uint8Array => numberKey(number);
const route = (number: number) => new Uint8Array(16).fill(number) as never;

test('A step is on disk before its effects are performed, and steps come in the order of asking', async () => {
  const { clock, deeds, loop } = scene();
  const order: number[] = [];
  const steps = [1, 2, 3].map((number) =>
    loop.step(async (draft) => {
      await Promise.resolve();
      order.push(draft.scan(tables.psks).length);
      draft.effect({ kind: 'leave', route: route(number) });
      draft.put(tables.psks, row(number), row(number));
    }),
  );
  await clock.settle();
  await Promise.all(steps);
  expect(order).toEqual([0, 1, 2]);
  expect(deeds).toEqual(['leave 1 after 3 rows', 'leave 2 after 3 rows', 'leave 3 after 3 rows']);
});

test('Of what steps of one commit ask for the newest of each is done, in order', async () => {
  const { deeds, loop } = scene();
  const texts = [1, 2, 3, 4].map((next) =>
    loop.step((draft) => {
      draft.put(tables.psks, row(next), row(next));
      if (next === 2) draft.effect({ kind: 'leave', route: route(9) });
      draft.effect({ kind: 'wake', route: route(next % 2), next });
      draft.effect({ kind: 'agenda', name: 'work' });
    }),
  );
  await Promise.all(texts);
  expect(deeds).toEqual(['leave 9 after 4 rows', 'wake 1 to 3', 'wake 0 to 4', 'agenda']);
});

test('A step that fails leaves nothing behind, and the others that were waiting go on', async () => {
  const { store, loop } = scene();
  const failing = loop.step((draft) => {
    draft.put(tables.psks, row(1), row(1));
    draft.effect({ kind: 'leave', route: route(1) });
    throw new Error('no');
  });
  const other = loop.step((draft) => draft.put(tables.psks, row(2), row(2)));
  await expect(failing).rejects.toThrow('no');
  await other;
  expect(store.scan('psks').map(({ key }) => key)).toEqual([row(2)]);
});

test('A commit that fails is the failure of all steps in it, and of none after it', async () => {
  const { store, deeds, loop } = scene();
  store.failNextCommit('full');
  const both = [1, 2].map((number) =>
    loop.step((draft) => {
      draft.put(tables.psks, row(number), row(number));
      draft.effect({ kind: 'leave', route: route(number) });
    }),
  );
  for (const step of both) await expect(step).rejects.toMatchObject({ code: 'store-full' });
  expect(deeds).toEqual([]);
  await loop.step((draft) => draft.put(tables.psks, row(3), row(3)));
  expect(store.scan('psks')).toHaveLength(1);
});

/** A disk that syncs when it is told to. */
function slowDisk(store: MemoryClientStore): Disk {
  const syncs: { end: () => void; fail: () => void }[] = [];
  const commit = async (writes: readonly Write[]): Promise<void> => {
    await new Promise<void>((resolve, reject) => {
      syncs.push({ end: resolve, fail: () => reject(new ClientStoreError('full', 'no room')) });
    });
    await store.commit(writes);
  };
  return { syncs, store: { ...store, commit } };
}

test('While a commit is on its way steps run over it, and nothing of them is told before it is there', async () => {
  const { store, syncs, clock, deeds, loop } = scene(slowDisk);
  const seen: number[] = [];
  const answered: number[] = [];
  const put = async (number: number): Promise<void> => {
    await loop.step((draft) => {
      seen.push(draft.scan(tables.psks).length);
      draft.put(tables.psks, row(number), row(number));
      draft.effect({ kind: 'leave', route: route(number) });
    });
    answered.push(number);
  };
  const first = put(1);
  await clock.settle();
  const others = [put(2), put(3)];
  await clock.settle();
  expect([seen, answered, syncs.length, store.scan('psks').length]).toEqual([[0, 1, 2], [], 1, 0]);
  syncs[0]?.end();
  await first;
  await clock.settle();
  expect([answered, deeds, syncs.length]).toEqual([[1], ['leave 1 after 1 rows'], 2]);
  syncs[1]?.end();
  await Promise.all(others);
  expect(answered).toEqual([1, 2, 3]);
  expect(deeds.slice(1)).toEqual(['leave 2 after 3 rows', 'leave 3 after 3 rows']);
});

test('Steps that ran over a commit which failed have failed with it, and those after them go on', async () => {
  const { store, syncs, clock, deeds, loop } = scene(slowDisk);
  const put = (number: number): Promise<void> =>
    loop.step((draft) => {
      draft.put(tables.psks, row(number), row(number));
      draft.effect({ kind: 'leave', route: route(number) });
    });
  const doomed = [put(1)];
  await clock.settle();
  doomed.push(put(2));
  await clock.settle();
  syncs[0]?.fail();
  for (const step of doomed) await expect(step).rejects.toMatchObject({ code: 'store-full' });
  const next = put(3);
  await clock.settle();
  syncs[1]?.end();
  await next;
  expect(store.scan('psks').map(({ key }) => key)).toEqual([row(3)]);
  expect(deeds).toEqual(['leave 3 after 1 rows']);
});

test('Events have growing ids, and a listener that fails stops nobody', async () => {
  const { loop } = scene();
  const heard: ClientEvent[] = [];
  loop.listen(() => {
    throw new Error('a bug of the listener');
  });
  loop.listen((event) => heard.push(event));
  const say = () =>
    loop.step((draft) => draft.announce({ event: 'contact', address: 'bob@example.com', state: 'accepted' }));
  await Promise.all([say(), say()]);
  await say();
  expect(heard.map(({ eventId }) => eventId)).toEqual([1, 2, 3]);
});

test('Retired secrets are wiped once the step is on disk, and not before', async () => {
  const { loop } = scene();
  const secret = new Uint8Array(32).fill(7);
  await loop.step((draft) => {
    draft.retire(secret);
    expect(secret[0]).toBe(7);
  });
  expect(secret.every((byte) => byte === 0)).toBe(true);
});

test('After stop nothing more is begun', async () => {
  const { loop } = scene();
  const last = loop.step(() => 'done');
  await loop.stop();
  await expect(last).resolves.toBe('done');
  await expect(loop.step(() => 'late')).rejects.toThrow('stopping');
});

test('Work is done when it is due, tried again later each time it fails, and off the agenda when it is done', async () => {
  const { store, clock, loop } = scene();
  const begun: number[] = [];
  const since = clock.monotonicMs();
  const agenda = new Agenda({
    clock,
    rows: storedRows(store),
    doers: {
      try: async (name) => {
        begun.push(clock.monotonicMs() - since);
        if (begun.length < 4) throw new Error('not yet');
        await loop.step((draft) => workDone(draft, name));
      },
    },
    failed: (name) => loop.step((draft) => postponeWork(draft, name)),
  });
  await loop.step((draft) => planWork(draft, 'try:it', draft.nowMs + 1_000));
  agenda.start();
  await clock.advance(60_000);
  expect(begun.map((at) => Math.round(at / 1_000))).toEqual([1, 3, 7, 15]);
  expect(storedRows(store).get(tables.agenda, textKey('try:it'))).toBeUndefined();
  await agenda.stop();
  expect(retryDelayMs(40)).toBe(600_000);
});
