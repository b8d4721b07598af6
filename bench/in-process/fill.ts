/**
 * Data folders with much in them, filled by the client itself in this process: each contact is a client of its own that
 * accepts an invite, each text is sealed, received, stored and confirmed. Nothing is written beside it.
 */
import path from 'node:path';
import { openClientStore, systemRandomness } from '@mycelium/node';
import type { PeerAddress } from '@mycelium/protocol';
import {
  createMemoryClientStore,
  type ClientStoreSnapshot,
  type MemoryClientStore,
} from '@mycelium/simulation';
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
  /** Contacts there are. */
  readonly contacts: number;
  /** Accounts of the next addresses: `friend-0@example.com`, `friend-1@example.com`, … */
  befriend(newcomers: readonly ClientStoreSnapshot[]): Promise<readonly Friend[]>;
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
    get contacts() {
      return friends;
    },
    befriend: async (newcomers) => {
      const waiting = newcomers.map((snapshot): Friend => {
        const friend = { address: friendAddress(friends), store: createMemoryClientStore(snapshot) };
        friends += 1;
        return friend;
      });
      const met: Friend[] = [];
      const lane = async (): Promise<void> => {
        for (let friend = waiting.shift(); friend !== undefined; friend = waiting.shift()) {
          await makeFriend(post, owner, friend);
          met.push(friend);
        }
      };
      await Promise.all(Array.from({ length: meetingsAtOnce }, lane));
      return met;
    },
    write: async (texts) => {
      const number = friends++;
      const friend = await startFriend(post, {
        address: friendAddress(number),
        store: createMemoryClientStore(),
      });
      await meet(owner, friend);
      await send(owner, friendAddress(number), texts);
      await friend.end();
    },
    end: owner.end,
  };
}

function startFriend(post: Post, friend: Friend): Promise<Person> {
  return startPerson({ ...friend, mail: post.agent(), relay: post.relay });
}

async function makeFriend(post: Post, owner: Person, friend: Friend): Promise<void> {
  const person = await startFriend(post, friend);
  await meet(owner, person);
  await person.leave();
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
