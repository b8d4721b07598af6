/** How a peer's paths stand, in words for people. */
import { formatPeerAddress, formatPeerEndpoint } from '@mycelium/protocol';
import type { PathKind } from '../ports/transport.ts';
import type { PathChooser } from './chooser-types.ts';
import type { Way } from './way.ts';

export interface PathView {
  readonly path: PathKind;
  /** `HOST:PORT`, where the path has one. */
  readonly at: string | undefined;
  /** `used`; `ready`: open and kept warm; `silent`: open, and does not answer; `connecting`; `closed`. */
  readonly state: 'used' | 'ready' | 'silent' | 'connecting' | 'closed';
  readonly rttMs: number | undefined;
  /** Why it is used, or why it is not. */
  readonly note: string;
}

export interface PathsView {
  readonly state: 'connecting' | 'connected' | 'waiting';
  readonly path: PathKind | undefined;
  readonly rttMs: number | undefined;
  readonly note: string;
  readonly paths: readonly PathView[];
}

export function viewPaths(chooser: PathChooser, nowMs: number): PathsView {
  const paths = chooser.ways.map((way) => viewWay(chooser, way));
  const used = chooser.ways.find(({ name, phase }) => name === chooser.used && phase === 'open');
  if (used !== undefined) {
    const { kind } = used.path;
    return { state: 'connected', path: kind, rttMs: used.rttMs, note: chooser.reason, paths };
  }
  const isDialling = chooser.ways.some(({ phase }) => phase === 'dialling');
  const failed = chooser.ways
    .toSorted((left, right) => right.sinceMs - left.sinceMs)
    .find(({ note }) => note !== '');
  const why = failed?.note ?? (chooser.ways.length === 0 ? 'no path leads there' : 'connecting');
  const common = { path: undefined, rttMs: undefined, paths };
  if (isDialling || !chooser.wanted) return { ...common, state: 'connecting', note: why };
  const seconds = Math.max(1, Math.ceil((chooser.roundAtMs - nowMs) / 1000));
  return { ...common, state: 'waiting', note: `${why}; next attempt in ${seconds} s` };
}

function viewWay(chooser: PathChooser, way: Way): PathView {
  const [endpoint] = way.path.endpoints;
  const { kind: path } = way.path;
  // UDP goes by the key; where it begins to look for it says little.
  const place = endpoint === undefined || path === 'udp' ? undefined : formatPeerEndpoint(endpoint);
  const at = way.path.via === undefined ? place : formatPeerAddress(way.path.via);
  const { rttMs } = way;
  if (way.phase === 'dialling') return { path, at, state: 'connecting', rttMs, note: '' };
  if (way.phase === 'idle') return { path, at, state: 'closed', rttMs, note: way.note || 'not tried' };
  if (way.doubted) return { path, at, state: 'silent', rttMs, note: 'does not answer' };
  if (way.name === chooser.used) return { path, at, state: 'used', rttMs, note: chooser.reason };
  return { path, at, state: 'ready', rttMs, note: 'takes over when the other one dies' };
}
