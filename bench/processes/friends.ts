/**
 * The other sides of many conversations: whole clients by the thousand in one process, in memory, with real cryptography.
 * They are met in this process (in-process/fill.ts), then read and confirm over a real relay like everybody.
 */
import { createPrimitives, createTransport, systemClock, systemRandomness } from '@mycelium/node';
import { parsePeerAddress, unwrap, type PeerAddress } from '@mycelium/protocol';
import { createMailAgent } from '@mycelium/runtime';
import type { ClientStoreSnapshot } from '@mycelium/simulation';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { type Friend, openFiller } from '../in-process/fill.ts';
import { Household } from '../in-process/household.ts';
import { startPerson } from '../in-process/person.ts';
import { answerQuestions, Child } from './child.ts';
import type { NewcomersQuestions } from './newcomers.ts';

export interface FriendsQuestions {
  /** So many contacts more for the account in this folder, whose node does not run. Everybody has this relay. */
  readonly befriend: {
    readonly asked: {
      readonly folder: string;
      readonly address: string;
      readonly relay: string;
      readonly contacts: number;
    };
    readonly answered: null;
  };
  /** Those who are not there yet come to the relay. */
  readonly come: { readonly asked: null; readonly answered: null };
  /** Answered when so many texts have come in all. */
  readonly heard: { readonly asked: number; readonly answered: null };
}

/** Friends who share a connection to the relay. */
const householdSize = 100;
/** Texts that have not come by then never come. */
const heardWithinMs = 300_000;
/** Accounts that are made while others are met. */
const madeAtOnce = 100;
/** Contacts between two lines that say how many there are. */
const progressAt = 500;

const primitives = createPrimitives();
const newcomers = new Child<NewcomersQuestions>('newcomers.ts');
const away: Friend[] = [];
let relay: PeerAddress | undefined;
let texts = 0;
let waiting: { readonly texts: number; readonly resolve: () => void } | undefined;

function householdOf(): Household {
  const transport = createTransport({
    keySeed: randomBytes(32),
    listen: [],
    runtimeFolder: tmpdir(),
    paths: ['tcp'],
  });
  return new Household(
    createMailAgent({ transport, clock: systemClock, randomness: systemRandomness, primitives }),
  );
}

async function startFriends(friends: readonly Friend[], at: PeerAddress): Promise<void> {
  const household = householdOf();
  for (const { address, store } of friends) {
    const { client } = await startPerson({ address, store, mail: household.member(), relay: at });
    client.subscribe(undefined, (event) => {
      if (event.event !== 'message') return;
      texts += 1;
      if (waiting !== undefined && texts >= waiting.texts) waiting.resolve();
    });
  }
}

answerQuestions<FriendsQuestions>({
  befriend: async ({ folder, address, relay: at, contacts }) => {
    relay = unwrap(parsePeerAddress(at));
    const filler = await openFiller(folder, address, relay);
    let made = filler.contacts;
    const end = made + contacts;
    const make = (): Promise<readonly ClientStoreSnapshot[]> => {
      const count = Math.min(madeAtOnce, end - made);
      made += count;
      return newcomers.ask('make', { relay: at, from: made - count, count });
    };
    let next = make();
    while (filler.contacts < end) {
      const accounts = await next;
      next = make(); // while these are met
      away.push(...(await filler.befriend(accounts)));
      if (filler.contacts % progressAt === 0)
        process.stderr.write(`  ${filler.contacts} contacts are there\n`);
    }
    await next;
    await filler.end();
    return null;
  },
  come: async () => {
    if (relay === undefined) throw new Error('nobody was met yet');
    while (away.length > 0) await startFriends(away.splice(0, householdSize), relay);
    return null;
  },
  heard: async (all) => {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => reject(new Error(`only ${texts} of ${all} texts came`)), heardWithinMs);
    waiting = { texts: all, resolve: () => resolve(undefined) };
    if (texts >= all) resolve(undefined);
    await promise;
    clearTimeout(timer);
    return null;
  },
});
