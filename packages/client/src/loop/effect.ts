/** What a step asks of the mail agent once it is on disk. */
import type { Route } from '@mycelium/protocol';
import type { FollowedQueue, IntakeQueue, OwnedQueue } from '@mycelium/runtime';
import { mapKey } from '../store/keys.ts';

export type Effect =
  | { readonly kind: 'own'; readonly queue: OwnedQueue }
  | { readonly kind: 'wake'; readonly route: Route; readonly next: number }
  | { readonly kind: 'follow'; readonly queue: FollowedQueue }
  | { readonly kind: 'keep-intake'; readonly queue: IntakeQueue }
  | { readonly kind: 'leave'; readonly route: Route }
  | { readonly kind: 'trim'; readonly route: Route; readonly upTo: number }
  /** Work of this name was planned. */
  | { readonly kind: 'agenda'; readonly name: string };

/**
 * Of what the steps of one commit ask for, in order: without what a later one says again and says more. So a hundred
 * texts of one conversation wake its queue once, and their frames leave together.
 */
export function newestEffects(effects: readonly Effect[]): ReadonlySet<Effect> {
  const named = new Map<string, Effect>();
  const others = effects.filter((effect) => {
    const name = nameOf(effect);
    if (name !== undefined) named.set(name, effect);
    return name === undefined;
  });
  return new Set([...others, ...named.values()]);
}

/** The same name: the later one says all that the earlier one said. */
function nameOf(effect: Effect): string | undefined {
  switch (effect.kind) {
    case 'wake':
    case 'trim':
      return `${effect.kind} ${mapKey(effect.route)}`;
    case 'agenda':
      return `${effect.kind} ${effect.name}`;
    case 'own':
    case 'follow':
    case 'keep-intake':
    case 'leave':
      return undefined;
  }
}
