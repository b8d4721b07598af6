import type { TransportKey } from '@mycelium/protocol';
import type { Link } from '@mycelium/runtime';
import { createSeededRandomness, createVirtualClock } from '@mycelium/simulation';
import { expect, test } from 'vitest';
import { ClientLink } from '../../src/mail/client-link.ts';
import { usualMailAgentLimits } from '../../src/mail/limits.ts';
import { createWorld, primitives } from './device.ts';

const key = new Uint8Array(32).fill(7) as TransportKey;
const nothing = (): void => undefined;

test('a link that ends while it is written to takes no more: whoever writes while there is room comes to an end', () => {
  const written: number[] = [];
  let close: (reason: string) => void = nothing;
  const link: Link = {
    remoteKey: key,
    path: 'memory',
    initiator: true,
    // The peer is gone, as the second write finds out.
    write: (bytes) => {
      written.push(bytes.length);
      if (written.length === 2) close('the peer is gone');
      return true;
    },
    onBytes: nothing,
    onDrain: nothing,
    onClose: (closed) => (close = closed),
    pause: nothing,
    resume: nothing,
    close: nothing,
  };
  const around = {
    transport: createWorld('link').node('alice').life.transport,
    clock: createVirtualClock(),
    randomness: createSeededRandomness('link'),
    primitives,
    limits: usualMailAgentLimits,
  };
  const ended: string[] = [];
  const client = new ClientLink(
    around,
    link,
    { key },
    {
      ready: nothing,
      ended: (reason) => ended.push(reason),
      violated: nothing,
      roundTrip: nothing,
      doubted: nothing,
      trusted: nothing,
      traffic: nothing,
      summoned: nothing,
    },
  );
  expect(client.writable).toBe(true);
  client.submit(new Uint8Array(4096), nothing);
  expect(ended).toEqual(['the peer is gone']);
  expect(client.writable).toBe(false);
});
