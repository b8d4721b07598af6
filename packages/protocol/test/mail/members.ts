// Who takes part in tests of the mail protocol: Alice owns a queue, Bob reads it, Mallory may do neither.
import { createPrimitives } from '@mycelium/node';
import {
  concatBytes,
  createServer,
  emptyMailStream,
  encodeHello,
  type MailItem,
  type OpenRequest,
  readMailStream,
  type Route,
  routeOf,
  type ServerEffect,
  type ServerIdentity,
  type ServerInput,
  type ServerLimits,
  type ServerState,
  signOpen,
  stepServer,
} from '@mycelium/protocol';

export const primitives = createPrimitives();

export const limits: ServerLimits = {
  opensMax: 8,
  pendingBytesMax: 4096,
  readsMax: 2,
  readBytesMax: 1024,
  rate: { perSecond: 1000, burst: 10_000 },
  retentionSeconds: 2_592_000,
  queueFramesMax: 1000,
};

export interface QueueMembers {
  readonly route: Route;
  readonly readerSeed: Uint8Array;
  readonly ownerSeed: Uint8Array;
  readonly readerPublicKey: Uint8Array;
  readonly ownerPublicKey: Uint8Array;
}

export function queueOf(number: number): QueueMembers {
  const readerSeed = new Uint8Array(32).fill(number);
  const ownerSeed = new Uint8Array(32).fill(number + 100);
  const readerPublicKey = primitives.ed25519PublicKey(readerSeed);
  const ownerPublicKey = primitives.ed25519PublicKey(ownerSeed);
  const route = routeOf(primitives, readerPublicKey, ownerPublicKey);
  return { route, readerSeed, ownerSeed, readerPublicKey, ownerPublicKey };
}

const sizes = { 1: 128, 2: 512, 3: 2048, 4: 4096 } as const;

/** A mail frame with `number` in its generation: its request id. */
export function mailFrame(route: Uint8Array, number: number, type: keyof typeof sizes = 1): Uint8Array {
  const size = sizes[type];
  const frame = new Uint8Array(size);
  frame.set([type, 1, (size - 4) & 0xff, (size - 4) >> 8]);
  frame.set(route, 4);
  frame.set([number & 0xff, number >> 8], 20);
  frame.fill(number & 0xff, 32);
  return frame;
}

export function requestIdOf(number: number): Uint8Array {
  const id = new Uint8Array(12);
  id.set([number & 0xff, number >> 8]);
  return id;
}

export const server: ServerIdentity = {
  challenge: new Uint8Array(32).fill(0xc4),
  transportKey: new Uint8Array(32).fill(0x7e),
};

export function openBytes(
  queue: QueueMembers,
  role: 'reader' | 'owner',
  changes: Partial<OpenRequest> & { readonly seed?: Uint8Array; readonly at?: ServerIdentity } = {},
): Uint8Array {
  const { seed, at, ...request } = changes;
  const open = {
    route: queue.route,
    requestId: requestIdOf(900),
    role,
    intakeDifficulty: undefined,
    readerPublicKey: queue.readerPublicKey,
    ownerPublicKey: queue.ownerPublicKey,
    base: 0,
    ...request,
  };
  return signOpen(
    primitives,
    at ?? server,
    open,
    seed ?? (role === 'owner' ? queue.ownerSeed : queue.readerSeed),
  );
}

export const clientHello: Uint8Array = encodeHello({
  versionMin: 1,
  versionMax: 1,
  features: 0,
  challenge: new Uint8Array(32).fill(1),
  appendFramesPerSecond: 0,
  retentionSeconds: 0,
  queueFramesMax: 0,
});

/** The machine of one connection, and what it did. */
export interface Served {
  readonly state: ServerState;
  give(input: ServerInput): Turn;
  send(...frames: readonly Uint8Array[]): Turn;
  /** Bytes at another time than 0, or in another state of the wall clock. */
  sendAt(
    times: { readonly nowMs?: number; readonly monotonicMs?: number },
    ...frames: readonly Uint8Array[]
  ): Turn;
}

export interface Turn {
  readonly effects: readonly ServerEffect[];
  /** Kinds of what was asked for, without sends. */
  readonly asked: string;
  /** What the peer hears: `stored 4`, `error limit`, `push 3+2`. */
  readonly said: string;
  readonly items: readonly MailItem[];
  find<Kind extends ServerEffect['kind']>(kind: Kind): Extract<ServerEffect, { readonly kind: Kind }>;
}

function turnOf(effects: readonly ServerEffect[]): Turn {
  const bytes = concatBytes(...effects.flatMap((effect) => (effect.kind === 'send' ? effect.parts : [])));
  const { items, refusal, stream } = readMailStream(emptyMailStream, bytes);
  if (refusal !== undefined || stream.rest.length > 0)
    throw new Error('the server sent something that is no frame');
  return {
    effects,
    items,
    asked: effects.flatMap(({ kind }) => (kind === 'send' ? [] : [kind])).join(' '),
    said: items.map(inWords).join(', '),
    find(kind) {
      const found = effects.find(
        (effect): effect is Extract<ServerEffect, { readonly kind: typeof kind }> => effect.kind === kind,
      );
      if (found === undefined) throw new Error(`nobody asked for ${kind}`);
      return found;
    },
  };
}

function inWords(item: MailItem): string {
  if (item.kind === 'mail') return 'mail';
  if (item.kind === 'push') return `push ${item.push.firstIndex}+${item.frames.length}`;
  const { control } = item;
  if (control.kind === 'error') return `error ${control.name}`;
  if (control.kind === 'stored') return `stored ${control.index}`;
  if (control.kind === 'opened' || control.kind === 'done')
    return `${control.kind} ${control.first}-${control.next}`;
  return control.kind;
}

/** With hellos exchanged, unless `greeted` is false. */
export function serve(
  options: { readonly limits?: Partial<ServerLimits>; readonly greeted?: boolean } = {},
): Served {
  let { state } = createServer(server, { ...limits, ...options.limits }, 0);
  const give = (input: ServerInput): Turn => {
    const step = stepServer(state, input, primitives);
    state = step.state;
    return turnOf(step.effects);
  };
  const sendAt: Served['sendAt'] = ({ nowMs = 0, monotonicMs = 0 }, ...frames) =>
    give({ kind: 'bytes', bytes: concatBytes(...frames), nowMs, monotonicMs });
  if (options.greeted !== false) sendAt({}, clientHello);
  return {
    get state() {
      return state;
    },
    give,
    sendAt,
    send: (...frames) => sendAt({}, ...frames),
  };
}

/** Opens, as the backend would answer a queue from `first` to `next`. */
export function opened(
  served: Served,
  queue: QueueMembers,
  role: 'reader' | 'owner',
  bounds = { first: 0, next: 0 },
): Turn {
  const { open } = served.send(openBytes(queue, role)).find('open');
  return served.give({ kind: 'opened', open, outcome: { kind: 'ok', ...bounds } });
}
