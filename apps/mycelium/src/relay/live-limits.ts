/** The operator's settings as the parts of a relay ask for them, each time anew: so that a reload takes effect at once. */
import { isIPv6 } from 'node:net';
import type { GateLimits } from '@mycelium/node';
import { formatZBase32, type ServerLimits, type TokenRate } from '@mycelium/protocol';
import {
  perHour,
  usualRelayPolicy,
  usualServerLimits,
  type QueueStoreLimits,
  type RelayPolicy,
} from '@mycelium/runtime';
import type { RelaySettings } from './settings.ts';

type Current = () => RelaySettings;

export function gateLimits(current: Current): () => GateLimits {
  return () => {
    const { access, connections } = current();
    return {
      mayEnter: (address) => {
        const family = isIPv6(address) ? 'ipv6' : 'ipv4';
        return (
          access.networks?.check(address, family) !== false && !access.refusedNetworks.check(address, family)
        );
      },
      connectionsMax: connections.most,
      connectionsPerSourceMax: connections.perSource,
      handshakes: { perSecond: connections.handshakesPerSecond, burst: connections.handshakesPerSecond * 2 },
      handshakesPerSource: perMinute(connections.handshakesPerSourceMinute),
      countsLoopback: connections.countsLoopback,
    };
  };
}

function perMinute(count: number): TokenRate {
  return { perSecond: count / 60, burst: count };
}

export function relayPolicy(current: Current): () => RelayPolicy {
  return () => {
    const { access, connections, sources, strangers } = current();
    return {
      mayOwn: (key) => access.owners === 'anybody' || access.listed.has(formatZBase32(key)),
      stampBitsMin: strangers.proofOfWork,
      queueFrames: { perSecond: connections.framesPerQueueSecond, burst: connections.framesPerQueueBurst },
      queueIntake: perHour(strangers.perQueueHour, strangers.perQueueBurst),
      queueTokens: usualRelayPolicy.queueTokens,
      sourceIntake: perHour(strangers.perSourceHour),
      allIntake: usualRelayPolicy.allIntake,
      sourceQueues: perHour(sources.newQueuesPerHour),
      sourceBytes: perHour(sources.bytesPerHour),
      sourceOpens: connections.openQueuesPerSource,
    };
  };
}

export function queueStoreLimits(current: Current): QueueStoreLimits {
  return {
    get retentionMs() {
      return current().store.retentionMs;
    },
    get framesPerQueueMax() {
      return current().store.framesPerQueueMax;
    },
    get queuesMax() {
      return current().store.queuesMax;
    },
    get bytesMax() {
      return current().store.bytesMax;
    },
  };
}

export function relayServerLimits(current: Current, replicatedOnly: boolean): ServerLimits {
  return {
    ...usualServerLimits,
    replicatedOnly,
    get opensMax() {
      return current().connections.openQueues;
    },
    get rate() {
      const { framesPerSecond, framesBurst } = current().connections;
      return { perSecond: framesPerSecond, burst: framesBurst };
    },
    get retentionSeconds() {
      return Math.floor(current().store.retentionMs / 1000);
    },
    get queueFramesMax() {
      return current().store.framesPerQueueMax;
    },
  };
}
