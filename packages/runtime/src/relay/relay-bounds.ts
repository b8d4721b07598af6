/** What the connections of a relay may cause together: by queue, by source, and by everybody (spec/mail.md, "Bounds"). */
import { routeKey, type ServerAppend } from '@mycelium/protocol';
import type { ServedConnection } from '../mail/serving.ts';
import type { Clock } from '../ports/clock.ts';
import { Allowances } from './allowances.ts';
import type { RelayPolicy } from './relay-policy.ts';

export class RelayBounds {
  readonly #queueFrames: Allowances;
  readonly #sourceIntake: Allowances;
  readonly #allIntake: Allowances;
  readonly #ledgerReads: Allowances;
  readonly #sourceQueues: Allowances;
  readonly #sourceBytes: Allowances;

  constructor(clock: Pick<Clock, 'monotonicMs'>, policy: () => RelayPolicy) {
    this.#queueFrames = new Allowances(clock, () => policy().queueFrames);
    this.#sourceIntake = new Allowances(clock, () => policy().sourceIntake);
    this.#allIntake = new Allowances(clock, () => policy().allIntake);
    this.#ledgerReads = new Allowances(clock, () => policy().allIntake);
    this.#sourceQueues = new Allowances(clock, () => policy().sourceQueues);
    this.#sourceBytes = new Allowances(clock, () => policy().sourceBytes);
  }

  /** Zero: one queue more may be made. Else how long to wait. */
  newQueue({ source }: ServedConnection): number {
    return source === undefined ? 0 : this.#sourceQueues.take(source);
  }

  /** Before the work of looking at a stranger's stamp. */
  intake({ source }: ServedConnection): number {
    const waitMs = source === undefined ? 0 : this.#sourceIntake.take(source);
    return waitMs > 0 ? waitMs : this.#allIntake.take('');
  }

  /** Before a stranger's token is looked at. Floods of stamped frames take nothing from those who have one. */
  token({ source }: ServedConnection, isLedgerAtHand: boolean): number {
    const waitMs = source === undefined ? 0 : this.#sourceIntake.take(source);
    return waitMs > 0 || isLedgerAtHand ? waitMs : this.#ledgerReads.take('');
  }

  /** For each frame how long to wait; zero: it may go. The frames of one queue in one call go all or not at all. */
  appends({ source }: ServedConnection, appends: readonly ServerAppend[]): readonly number[] {
    let bytes = 0;
    const framesByRoute = new Map<string, number>();
    let key = '';
    let before: Uint8Array | undefined;
    const keys = appends.map(({ route, frame }) => {
      if (route !== before) key = routeKey(route); // they come in runs
      before = route;
      bytes += frame.length;
      framesByRoute.set(key, (framesByRoute.get(key) ?? 0) + 1);
      return key;
    });
    const sourceWaitMs = source === undefined ? 0 : this.#sourceBytes.take(source, bytes);
    if (sourceWaitMs > 0) return appends.map(() => sourceWaitMs);
    const waits = new Map<string, number>();
    for (const [key, frames] of framesByRoute) waits.set(key, this.#queueFrames.take(key, frames));
    return keys.map((key) => waits.get(key) ?? 0);
  }

  tidy(): void {
    for (const rates of [
      this.#queueFrames,
      this.#sourceIntake,
      this.#allIntake,
      this.#ledgerReads,
      this.#sourceQueues,
      this.#sourceBytes,
    ])
      rates.tidy();
  }
}
