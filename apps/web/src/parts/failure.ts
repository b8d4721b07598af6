/** What an error says to a person. */
import { ApiClosedError, ApiError } from '@mycelium/api';
import { AwayError } from '../state/messenger.ts';
import type { Say } from '../texts/texts.ts';

/** Sentences of the node are for people already; they are in English. */
export function failureText(error: unknown, say: Say): string {
  if (error instanceof AwayError || error instanceof ApiClosedError) return say('away');
  return say('failed', { reason: error instanceof ApiError ? error.message : String(error) });
}
