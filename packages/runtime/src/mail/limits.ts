/** Every bound and wait of the mail agent, with its reason. */

export interface MailAgentLimits {
  /** A dial over any path that has not led to a link by then is given up. */
  readonly dialTimeoutMs: number;
  /** A link that nobody needs any more is closed after this. */
  readonly lingerMs: number;
  /** Wait before a refused queue is opened again; doubles up to the most. */
  readonly reopenMinMs: number;
  readonly reopenMaxMs: number;
  /** How often heads are compared with the peers at which we are not subscribed. */
  readonly headCheckMs: number;
  /** The same in a conversation in which something came within `activeMs`. */
  readonly activeHeadCheckMs: number;
  readonly activeMs: number;
  /** The peer that we follow claims more than we have and sends nothing: after this another one is asked. */
  readonly stallMs: number;
  /** Others have more than the peer that we follow: it had so long to get it too. */
  readonly lagMs: number;
  /** How long a gap waits for peers that cannot be asked at the moment. */
  readonly gapPatienceMs: number;
  /** Pushed bytes of one link that wait for the disk; above, nothing more is read from it. */
  readonly heldBytesMax: number;
  /** Frames taken from the store for one write. */
  readonly framesPerWrite: number;
  /** Wait after the handler failed (its disk is full); doubles up to the most. */
  readonly handlerRetryMinMs: number;
  readonly handlerRetryMaxMs: number;
  /** Links that others opened, in all and of one transport key. */
  readonly linksMax: number;
  readonly linksPerKeyMax: number;
  /** For one `submit` or `readOnce` in all. */
  readonly onceTimeoutMs: number;
  /** Frames that `readOnce` takes: a card of a hundred devices stays below. */
  readonly onceFramesMax: number;
}

export const usualMailAgentLimits: MailAgentLimits = {
  dialTimeoutMs: 15_000,
  lingerMs: 10_000,
  reopenMinMs: 1_000,
  reopenMaxMs: 60_000,
  headCheckMs: 15_000,
  activeHeadCheckMs: 1_000,
  activeMs: 60_000,
  stallMs: 3_000,
  lagMs: 500,
  gapPatienceMs: 3_600_000,
  heldBytesMax: 1_048_576,
  framesPerWrite: 64,
  handlerRetryMinMs: 500,
  handlerRetryMaxMs: 30_000,
  linksMax: 4_096,
  linksPerKeyMax: 4,
  onceTimeoutMs: 30_000,
  onceFramesMax: 4_096,
};
