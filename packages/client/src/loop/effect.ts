/** What a step asks of the mail agent once it is on disk. */
import type { Route } from '@mycelium/protocol';
import type { FollowedQueue, IntakeQueue, OwnedQueue } from '@mycelium/runtime';

export type Effect =
  | { readonly kind: 'own'; readonly queue: OwnedQueue }
  | { readonly kind: 'wake'; readonly route: Route; readonly next: number }
  | { readonly kind: 'follow'; readonly queue: FollowedQueue }
  | { readonly kind: 'keep-intake'; readonly queue: IntakeQueue }
  | { readonly kind: 'leave'; readonly route: Route }
  | { readonly kind: 'trim'; readonly route: Route; readonly upTo: number }
  /** The agenda changed: look when the next work is due. */
  | { readonly kind: 'agenda' };
