/** The client with everything that it is made of on Node. */
import { createClient, type Client } from '@mycelium/client';
import { createKeyAgreement } from '@mycelium/mls';
import { createMlsPlatform, systemClock, systemRandomness } from '@mycelium/node';
import type { ClientSurroundings } from './user-role.ts';

export function clientOf(surroundings: ClientSurroundings): Client {
  const ports = { ...surroundings, clock: systemClock, randomness: systemRandomness };
  const { primitives, randomness } = ports;
  const agreement = createKeyAgreement({ primitives, randomness, platform: createMlsPlatform() });
  return createClient({ ...ports, agreement });
}
