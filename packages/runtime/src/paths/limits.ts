/** Every wait of the chooser of paths, with its reason. */
export const pathLimits = {
  /** Happy eyeballs: the next path starts so long after the last one. */
  nextPathMs: 150,
  /** First wait between rounds, and the longest. */
  roundMinMs: 250,
  roundMaxMs: 60_000,
  /** Somebody waits: a round now, but not sooner than this after the last dial. */
  hurryMinMs: 1_000,
  /** A path that held this long was a success. */
  steadyMs: 10_000,
  /** While another path is open a failed one is left alone for so long, doubling. */
  extraRestMinMs: 15_000,
  extraRestMaxMs: 600_000,
  /** And while all that is open goes through a relay. */
  relayedRestMinMs: 2_000,
  relayedRestMaxMs: 60_000,
  /** After mail went over the peer, a second path is kept open for so long. */
  livelyMs: 60_000,
  /** In the middle of a conversation, with no sound path left, one in doubt is dialled anew after so long; at once where our networks changed so lately. */
  silentMs: 1_000,
  movedMs: 5_000,
  /** An open path is measured for so long before it counts as one too many. */
  measureMs: 3_000,
  /** The used path is not exchanged for a faster one before. */
  settleMs: 1_000,
} as const;
