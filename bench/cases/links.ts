/** Our links against plain TCP, both ends in this process: what encryption and framing of links cost. */
import type { Case, Result } from '../case.ts';
import { type Measured, measureLinks } from '../links.ts';
import { round } from '../statistics.ts';

const kinds = ['tcp', 'unix', 'udp'] as const;

async function run(): Promise<readonly Result[]> {
  const rows = new Map(await measureLinks());
  const raw = rows.get('raw TCP');
  return kinds.flatMap((kind) => {
    const measured = rows.get(kind);
    return raw === undefined || measured === undefined ? [] : [figure(kind, measured, raw)];
  });
}

function figure(kind: (typeof kinds)[number], measured: Measured, raw: Measured): Result {
  return {
    case: `links.${kind}`,
    value: round(measured.framesPerSecond / 1e6),
    unit: 'M frames/s',
    spread: null,
    ratios: { 'raw TCP': round(measured.framesPerSecond / raw.framesPerSecond) },
    quantiles: {
      'connect ms': round(measured.connectMs),
      'round trip µs': round(measured.roundTripUs),
      'raw TCP round trip µs': round(raw.roundTripUs),
      'bulk MB/s': round(measured.megabytesPerSecond),
      'raw TCP MB/s': round(raw.megabytesPerSecond),
    },
    counts:
      `128-byte frames written one by one over an encrypted link by ${kind}, until all have arrived; both ends in one ` +
      'process and thread. Median of five.',
  };
}

export const links: Case = { names: kinds.map((kind) => `links.${kind}`), run };
