/** What one served connection may cause, when nobody says otherwise (spec/mail.md, "Bounds"). */
import type { ServerLimits } from '@mycelium/protocol';

export const usualServerLimits: ServerLimits = {
  opensMax: 32_768,
  pendingBytesMax: 1_048_576,
  readsMax: 2,
  readBytesMax: 262_144,
  rate: { perSecond: 20_000, burst: 100_000 },
  retentionSeconds: 0,
  queueFramesMax: 0,
  intakeTokens: true,
};
