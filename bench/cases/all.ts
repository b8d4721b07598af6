/** Every case, in the order of the table. */
import type { Case } from '../case.ts';
import { codec } from './codec.ts';
import { firstMessage } from './first-message.ts';
import { latencies } from './latency.ts';
import { openLatency } from './open-latency.ts';
import { sealOpen } from './seal-open.ts';
import { start } from './start.ts';

export const cases: readonly Case[] = [firstMessage, latencies, start, codec, sealOpen, openLatency];
