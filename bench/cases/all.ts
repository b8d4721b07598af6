/** Every case, in the order of the table. */
import type { Case } from '../case.ts';
import { codec } from './codec.ts';
import { openLatency } from './open-latency.ts';
import { sealOpen } from './seal-open.ts';

export const cases: readonly Case[] = [codec, sealOpen, openLatency];
