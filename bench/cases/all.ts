/** Every case, in the order of the table. */
import type { Case } from '../case.ts';
import { clients } from './clients.ts';
import { codec } from './codec.ts';
import { directory } from './directory.ts';
import { endToEnd } from './end-to-end.ts';
import { firstMessage } from './first-message.ts';
import { growth, startUp } from './growth.ts';
import { healPath } from './heal-path.ts';
import { install } from './install.ts';
import { idle } from './idle.ts';
import { jetStream } from './jetstream.ts';
import { latencies } from './latency.ts';
import { links } from './links.ts';
import { openLatency } from './open-latency.ts';
import { relay } from './relay.ts';
import { relayStore } from './relay-store.ts';
import { relaySpread } from './relay-spread.ts';
import { sealOpen } from './seal-open.ts';
import { start } from './start.ts';
import { toxcore } from './toxcore.ts';

export const cases: readonly Case[] = [
  firstMessage,
  latencies,
  endToEnd,
  toxcore,
  start,
  growth,
  startUp,
  install,
  codec,
  sealOpen,
  openLatency,
  links,
  relayStore,
  relay,
  jetStream,
  idle,
  clients,
  healPath,
  relaySpread,
  directory,
];
