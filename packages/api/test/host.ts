/** A host in memory with both ends of a connection joined. */
import {
  ApiError,
  createApiCaller,
  serveApi,
  type ApiCaller,
  type ApiConnection,
  type ApiEvent,
  type ApiHandlers,
  type ApiHost,
} from '@mycelium/api';

export const token = 'a token that nobody else has';
export const pairingCode = '1234-5678';
export const browserToken = 'a token of one browser';

const contact = {
  address: 'bob@example.com',
  trust: 'pinned',
  trustReason: 'first seen',
  vouchers: [],
  safetyNumber: '',
  fingerprint: 'f',
  state: 'accepted',
  conversation: 'ab',
  policy: 'direct',
  rivals: [],
  doubts: [],
  held: 0,
} as const;
const picture = { name: 'rust', colour: '#D55E00', svg: '<svg/>', art: [] };
const message = {
  id: '01',
  conversation: 'ab',
  from: 'alice@example.com',
  text: 'hi',
  kind: 'text',
  time: 1,
  state: 'queued',
  gapBefore: false,
} as const;

const refuse = (): never => {
  throw new ApiError('no-account', 'There is no account here yet.');
};

export class TestHost implements ApiHost {
  readonly version = '0.1.0';
  readonly events: ApiEvent[] = [];
  readonly explained: unknown[] = [];
  readonly #listeners = new Set<(event: ApiEvent) => void>();

  readonly handlers: ApiHandlers = {
    'account.create': refuse,
    'account.log': refuse,
    'account.rotateKey': refuse,
    'account.enterPhrase': refuse,
    'account.move': refuse,
    'account.revokeDevice': refuse,
    'account.relays': () => ({}),
    'account.proof': ({ proof }) => ({ address: 'alice@example.com', ...(proof && { until: 1, serial: 2 }) }),
    'domains.list': () => ({ domains: [] }),
    'domains.check': refuse,
    'domains.trust': refuse,
    'invites.create': refuse,
    'invites.list': () => ({ invites: [] }),
    'invites.revoke': refuse,
    'invites.accept': () => contact,
    'contacts.add': () => contact,
    'contacts.list': () => ({ contacts: [contact] }),
    'contacts.show': () => contact,
    'contacts.verify': () => contact,
    'contacts.trust': () => contact,
    'contacts.check': () => contact,
    'contacts.verification': ({ address }) => ({
      address,
      safetyNumber: '',
      words: '',
      code: '',
      picture,
      ownPicture: picture,
    }),
    'vouches.give': () => ({ told: [] }),
    'vouches.show': () => ({}),
    'vouches.revoke': () => ({ told: [] }),
    'vouches.list': () => ({ depth: 1, given: [], received: [] }),
    'vouches.depth': () => ({}),
    'contacts.accept': () => contact,
    'contacts.ignore': () => contact,
    'contacts.unignore': () => contact,
    'contacts.block': () => contact,
    'contacts.policy': () => contact,
    'contacts.remove': () => ({}),
    'messages.send': ({ text }) => Promise.resolve({ ...message, text }),
    'messages.show': () => ({ message }),
    'messages.history': () => {
      throw new Error('a bug with a secret in it');
    },
    'conversations.list': () => ({ conversations: [] }),
    'conversations.read': () => ({}),
    'page.open': refuse,
    'page.browsers': () => ({ browsers: [] }),
    'page.forget': () => ({}),
    'page.off': () => ({}),
    'relay.backup': () => ({ queues: 1, frames: 2, bytes: 3, segments: 4 }),
    'node.status': refuse,
    'node.stop': () => ({}),
  };

  isToken(given: string): boolean {
    return given === token;
  }

  pair(code: string): string {
    if (code === pairingCode) return browserToken;
    throw new ApiError('wrong-code', 'code: it is wrong.', 'code');
  }

  emit(text: string): void {
    const eventId = this.events.length + 1;
    const event: ApiEvent = {
      event: 'request',
      eventId,
      time: 0,
      from: 'bob@example.com',
      fingerprint: '',
      text,
    };
    this.events.push(event);
    for (const listen of this.#listeners) listen(event);
  }

  subscribe(since: number | undefined, listen: (event: ApiEvent) => void): () => void {
    if (since !== undefined) for (const event of this.events) if (event.eventId > since) listen(event);
    this.#listeners.add(listen);
    return () => this.#listeners.delete(listen);
  }

  explain(error: unknown): ApiError {
    this.explained.push(error);
    return new ApiError('internal', 'Something went wrong here; the log says more.');
  }
}

export interface Joined {
  readonly host: TestHost;
  readonly caller: ApiCaller;
  readonly connection: ApiConnection;
  /** Every line that the host sent. */
  readonly lines: string[];
  closed: boolean;
  /** Set to false: the reader is slow. */
  open: boolean;
  /** The host reads nothing more for now. */
  paused: boolean;
}

export function join(host: TestHost = new TestHost()): Joined {
  const lines: string[] = [];
  const joined: Joined = {
    host,
    lines,
    closed: false,
    open: true,
    paused: false,
    caller: createApiCaller((line) => connection.received(line)),
    connection: serveApi(host, {
      send: (line) => {
        lines.push(line);
        queueMicrotask(() => joined.caller.received(line));
        return joined.open;
      },
      close: () => {
        joined.closed = true;
      },
      pause: () => {
        joined.paused = true;
      },
      resume: () => {
        joined.paused = false;
      },
    }),
  };
  const { connection } = joined;
  return joined;
}
