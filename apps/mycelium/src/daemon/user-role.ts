/** The role user: the encrypted store and the client on it. */
import type { Client } from '@mycelium/client';
import type { ClientStore } from '@mycelium/runtime';

/** Makes the client on an opened store. */
export type ClientMaker = (store: ClientStore) => Client | Promise<Client>;

export interface UserRole {
  readonly client: Client;
  stop(): Promise<void>;
}

export async function startUser(store: ClientStore, make: ClientMaker): Promise<UserRole> {
  const client = await make(store);
  return {
    client,
    stop: async () => {
      await client.stop();
      store.close();
    },
  };
}
