/** What every part of the mail agent is given. */
import type { Primitives } from '@mycelium/protocol';
import type { Clock } from '../ports/clock.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { Transport } from '../ports/transport.ts';
import type { MailAgentLimits } from './limits.ts';

export interface Surroundings {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly primitives: Pick<
    Primitives,
    'sha256' | 'hmacSha256' | 'hkdf' | 'ed25519PublicKey' | 'ed25519Sign' | 'ed25519Verify' | 'equal'
  >;
  readonly limits: MailAgentLimits;
}
