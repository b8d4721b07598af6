/** Accounts by the thousand, made by the client itself in a process of their own: who will be somebody's friend (friends.ts). */
import { parsePeerAddress, unwrap } from '@mycelium/protocol';
import { createMemoryClientStore, type ClientStoreSnapshot } from '@mycelium/simulation';
import { friendAddress } from '../in-process/fill.ts';
import { startPerson } from '../in-process/person.ts';
import { Post } from '../in-process/post.ts';
import { answerQuestions } from './child.ts';

export interface NewcomersQuestions {
  /** Stores of so many accounts, each published and gone away again. */
  readonly make: {
    readonly asked: { readonly relay: string; readonly from: number; readonly count: number };
    readonly answered: readonly ClientStoreSnapshot[];
  };
}

answerQuestions<NewcomersQuestions>({
  make: async ({ relay: text, from, count }) => {
    const relay = unwrap(parsePeerAddress(text));
    const made: ClientStoreSnapshot[] = [];
    for (let number = from; number < from + count; number += 1) {
      const store = createMemoryClientStore();
      const mail = new Post(relay).agent();
      const person = await startPerson({ address: friendAddress(number), store, mail, relay });
      await person.leave(); // which waits for what was begun: the claim, with its work
      made.push(store.snapshot());
    }
    return made;
  },
});
