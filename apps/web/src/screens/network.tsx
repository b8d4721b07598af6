/** How the node is doing: who it is connected with, where the mail is, what the directory says. */
import { useEffect } from 'react';
import { useMessenger, useModel } from '../state/use-messenger.ts';
import { useTexts } from '../texts/texts.ts';
import { PaneHead } from './pane-head.tsx';
import { PathList, shortKey } from './path-list.tsx';

const readEveryMs = 3_000;

export function Network() {
  const { say } = useTexts();
  const messenger = useMessenger();
  const status = useModel((model) => model.status);
  useEffect(() => {
    const read = (): void => void messenger.readStatus().catch(() => undefined);
    read();
    const timer = setInterval(read, readEveryMs);
    return () => clearInterval(timer);
  }, [messenger]);
  if (status === undefined) return null;
  return (
    <>
      <PaneHead title={say('network.title')} />
      <div className="sheet">
        <section className="card">
          <h3>{say('network.node')}</h3>
          <dl>
            <dt>{say('network.version')}</dt>
            <dd>{status.version}</dd>
            <dt>{say('network.roles')}</dt>
            <dd>{status.roles.join(', ')}</dd>
            <dt>{say('network.reached')}</dt>
            {status.addresses.map((address) => (
              <dd key={address} className="digits" dir="ltr">
                {address}
              </dd>
            ))}
            <dt>{say('network.published')}</dt>
            <dd>{status.published.note}</dd>
          </dl>
          <p>{say('network.nodes', { count: status.directoryNodes })}</p>
          <p>{say('network.waiting', { count: status.queued })}</p>
        </section>
        <section className="card">
          <h3>{say('network.relays')}</h3>
          <ul className="peers">
            {status.relays.map((relay) => (
              <li key={relay.address}>
                <bdi>{shortKey(relay.address)}</bdi> <strong>{say(`relay.${relay.state}`)}</strong>
                <span className="muted">
                  {' '}
                  {relay.use === 'spare' && `${say('network.spare')}; `}
                  {relay.note}
                </span>
              </li>
            ))}
          </ul>
        </section>
        <section className="card">
          <h3>{say('network.peers')}</h3>
          {status.peers.length === 0 ? (
            <p className="muted">{say('network.noPeers')}</p>
          ) : (
            <PathList peers={status.peers} />
          )}
        </section>
      </div>
    </>
  );
}
