/** Connections, and how each travels: which path is used, what the others are, and why. */
import type { Peer } from '@mycelium/api';
import { useTexts } from '../texts/texts.ts';

export function PathList({ peers }: { readonly peers: readonly Peer[] }) {
  const { say } = useTexts();
  return (
    <ul className="peers">
      {peers.map((peer, at) => (
        <li key={at}>
          <p>
            <bdi>{peer.contact ?? shortKey(peer.address)}</bdi> <span className="muted">{peer.note}</span>
          </p>
          <ul>
            {peer.paths.map((path, index) => (
              <li key={index} className={`path path-${path.state}`}>
                <strong>{path.path}</strong>
                {path.rttMs !== undefined && (
                  <span> {say('network.rtt', { ms: Math.round(path.rttMs * 10) / 10 })}</span>
                )}
                <span className="muted"> {path.note}</span>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

/** `KEY@HOST:PORT` with as much of the key as tells it from others. */
export function shortKey(address: string): string {
  const [key = '', place] = address.split('@');
  return `${key.slice(0, 8)}…${place === undefined ? '' : ` ${place}`}`;
}
