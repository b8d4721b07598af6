/**
 * Data folders with much in them, filled by the client itself in this process: each contact is a client of its own that
 * accepts an invite and goes away, each text is sealed, received, stored and confirmed. Nothing is written beside it.
 */
import path from 'node:path';
import { openClientStore, systemRandomness } from '@mycelium/node';
import { createMemoryClientStore } from '@mycelium/simulation';
import { openStoreKey } from '../../apps/mycelium/src/daemon/store-key.ts';
import { createPost, meet, type Person, primitives, startPerson } from './person.ts';
import type { Post } from './post.ts';

/** Texts that wait for their answer at one time. */
const inFlight = 512;

export interface Filler {
  /** Contacts there are afterwards: `friend-0@example.com`, `friend-1@example.com`, … */
  befriend(contacts: number): Promise<void>;
  /** Stored and confirmed by one friend. */
  write(texts: number): Promise<void>;
  end(): Promise<void>;
}

export const friendAddress = (number: number): string => `friend-${number}@example.com`;

/** The folder of an account whose node does not run. */
export async function openFiller(folder: string, address: string): Promise<Filler> {
  const key = openStoreKey(path.join(folder, 'store.key'), undefined, {
    primitives,
    randomness: systemRandomness,
  });
  const post = createPost();
  const owner = await startPerson(
    post,
    address,
    openClientStore({ file: path.join(folder, 'store.db'), key }),
  );
  let friends = owner.client.contacts().length;
  return {
    befriend: async (contacts) => {
      for (; friends < contacts; friends += 1) await (await newFriend(post, owner, friends)).end();
    },
    write: async (texts) => {
      const friend = await newFriend(post, owner, friends);
      await send(owner, friendAddress(friends), texts);
      friends += 1;
      await friend.end();
    },
    end: owner.end,
  };
}

async function newFriend(post: Post, owner: Person, number: number): Promise<Person> {
  const friend = await startPerson(post, friendAddress(number), createMemoryClientStore());
  await meet(owner, friend);
  return friend;
}

async function send({ client }: Person, to: string, texts: number): Promise<void> {
  let [sent, delivered] = [0, 0];
  const all = Promise.withResolvers<undefined>();
  const leave = client.subscribe(undefined, (event) => {
    if (event.event === 'receipt' && event.state === 'delivered') delivered += 1;
    if (delivered === texts) all.resolve(undefined);
  });
  const lane = async (): Promise<void> => {
    while (sent < texts) await client.send({ to, text: `text ${sent++} of ${texts}` });
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  await all.promise;
  leave();
}
