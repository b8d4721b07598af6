/** What is known of one path to a peer. */
import type { Path } from '../ports/transport.ts';

export interface Way {
  readonly name: string;
  readonly path: Path;
  readonly phase: 'idle' | 'dialling' | 'open';
  /** When the phase began. */
  readonly sinceMs: number;
  readonly rttMs: number | undefined;
  readonly samples: number;
  /** Silent although it was asked. */
  readonly doubted: boolean;
  readonly doubtedAtMs: number;
  /** Tried in this round already. */
  readonly tried: boolean;
  /** One after another; and while another path is open this one is not tried before. */
  readonly failures: number;
  readonly restUntilMs: number;
  /** Why it is not open, for people. */
  readonly note: string;
}

export function createWay(name: string, path: Path, nowMs: number): Way {
  return {
    name,
    path,
    phase: 'idle',
    sinceMs: nowMs,
    rttMs: undefined,
    samples: 0,
    doubted: false,
    doubtedAtMs: nowMs,
    tried: false,
    failures: 0,
    restUntilMs: nowMs,
    note: '',
  };
}
