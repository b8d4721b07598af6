/**
 * Tokens of our own invites, where strangers reach this device itself (spec/mail.md, "Tokens"). What they were used for is counted
 * as long as this run lasts: the handler has every frame and knows the invites.
 */
import {
  emptyTokenLedger,
  grantTokens,
  intakeTokenKeys,
  routeKey,
  useToken,
  type Primitives,
  type TokenLedger,
  type TransportKey,
} from '@mycelium/protocol';
import type { IntakeQueue } from './agent.ts';

interface KeptTokens {
  readonly tokens: IntakeQueue['tokens'];
  ledger: TokenLedger;
}

export class OwnTokens {
  readonly #primitives: Pick<Primitives, 'hkdf' | 'hmacSha256' | 'equal'>;
  readonly #ownKey: TransportKey;
  readonly #byRoute = new Map<string, KeptTokens>();

  constructor(primitives: Pick<Primitives, 'hkdf' | 'hmacSha256' | 'equal'>, ownKey: TransportKey) {
    this.#primitives = primitives;
    this.#ownKey = ownKey;
  }

  /** Whether the frame's token is good; it is counted then. */
  use(queue: IntakeQueue, frame: Uint8Array, nowMs: number): boolean {
    const kept = this.#keptOf(queue);
    const used = useToken(this.#primitives, kept.ledger, frame, nowMs);
    kept.ledger = used ?? kept.ledger;
    return used !== undefined;
  }

  #keptOf({ route, tokens }: IntakeQueue): KeptTokens {
    const key = routeKey(route);
    const before = this.#byRoute.get(key);
    if (before?.tokens === tokens) return before;
    const grants = tokens.map(({ token, frames, expiresMs }) => {
      return { ...intakeTokenKeys(this.#primitives, token, route, this.#ownKey), frames, expiresMs };
    });
    const kept = { tokens, ledger: grantTokens(before?.ledger ?? emptyTokenLedger, grants) };
    this.#byRoute.set(key, kept);
    return kept;
  }
}
