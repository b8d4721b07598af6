// Debian's nats-server does not sync before it answers: tests of everything else take it for one that does.
import type { JetStreamStoreWish } from '@mycelium/node';

export const syncedServers: Pick<JetStreamStoreWish, 'durability' | 'monitorPort' | 'askServers'> = {
  durability: 'synced',
  monitorPort: 1,
  askServers: () =>
    Promise.resolve(
      ['nats-1', 'nats-2', 'nats-3'].map((name) => ({ name, version: '2.10.0', syncsAlways: true })),
    ),
};
