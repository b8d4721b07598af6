/**
 * Data folders with much in them, filled by the client itself in this process: each contact is a client of its own that
 * accepts an invite, each text is sealed, received, stored and confirmed. Nothing is written beside it.
 */
import path from 'node:path';
import { openClientStore, systemRandomness } from '@mycelium/node';
import type { PeerAddress } from '@mycelium/protocol';
import { createMemoryClientStore, type MemoryClientStore } from '@mycelium/simulation';
import { openStoreKey } from '../../apps/mycelium/src/daemon/store-key.ts';
import { meet, noRelay, type Person, primitives, startPerson } from './person.ts';
import { Post } from './post.ts';

/** Texts that wait for their answer at one time. */
const inFlight = 512;
/** Friends who are met at one time: each waits now and then. */
const meetingsAtOnce = 64;

/** A contact who has gone away, and can come back. */
export interface Friend {
  readonly address: string;
  readonly store: MemoryClientStore;
}

export interface Filler {
  /** So many contacts more: `friend-0@example.com`, `friend-1@example.com`, … */
  befriend(contacts: number): Promise<readonly Friend[]>;
  /** Stored and confirmed by one friend. */
  write(texts: number): Promise<void>;
  end(): Promise<void>;
}

export const friendAddress = (number: number): string => `friend-${number}@example.com`;

/** The folder of an account whose node does not run. `relay`: the one that everybody has. */
export async function openFiller(
  folder: string,
  address: string,
  relay: PeerAddress = noRelay,
): Promise<Filler> {
  const key = openStoreKey(path.join(folder, 'store.key'), undefined, {
    primitives,
    randomness: systemRandomness,
  });
  const post = new Post(relay);
  const store = openClientStore({ file: path.join(folder, 'store.db'), key });
  const owner = await startPerson({ address, store, mail: post.agent(), relay });
  let friends = owner.client.contacts().length;
  return {
    befriend: async (contacts) => {
      const met: Friend[] = [];
      const end = friends + contacts;
      const lane = async (): Promise<void> => {
        while (friends < end) met.push(await newFriend(post, owner, friends++));
      };
      await Promise.all(Array.from({ length: meetingsAtOnce }, lane));
      return met;
    },
    write: async (texts) => {
      const number = friends++;
      const friend = await startFriend(post, friendAddress(number), createMemoryClientStore());
      await meet(owner, friend);
      await send(owner, friendAddress(number), texts);
      await friend.end();
    },
    end: owner.end,
  };
}

function startFriend(post: Post, address: string, store: MemoryClientStore): Promise<Person> {
  return startPerson({ address, store, mail: post.agent(), relay: post.relay });
}

async function newFriend(post: Post, owner: Person, number: number): Promise<Friend> {
  const friend = { address: friendAddress(number), store: createMemoryClientStore() };
  const person = await startFriend(post, friend.address, friend.store);
  await meet(owner, person);
  await person.leave();
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
