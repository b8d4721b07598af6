/** A `Client` without a network: what it is told it keeps in memory, and a test plays the others. */
import {
  ClientError,
  type AccountLogView,
  type AccountView,
  type Client,
  type ClientEvent,
  type ContactView,
  type CreatedAccount,
  type InviteView,
  type InviteWish,
  type MessageView,
  type Shown,
  type VerificationView,
  type VouchesView,
} from '@mycelium/client';
import type { ClientStore } from '@mycelium/runtime';
import { standInContact, standInInvite } from './contact.ts';

/** An event without what the client numbers itself. */
export type NewEvent = ClientEvent extends infer E
  ? E extends ClientEvent
    ? Omit<E, 'eventId' | 'time'>
    : never
  : never;

const accountKey = new TextEncoder().encode('account');
const phrase = 'abandon '.repeat(11) + 'about';

export class StandInClient implements Client {
  readonly #store: ClientStore;
  readonly #contacts = new Map<string, ContactView>();
  readonly #invites: InviteView[] = [];
  readonly #messages: MessageView[] = [];
  readonly #read = new Map<string, number>();
  readonly #events: ClientEvent[] = [];
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  started = false;
  readonly domains: Client['domains'] = {
    prove: () => Promise.reject(new ClientError('bad-proof', 'The proof is none.')),
    proof: () => ({ address: 'alice@example.com', until: undefined, serial: undefined }),
    known: () => [],
    check: () => Promise.reject(new ClientError('bad-domain', 'The domain is none.')),
    trust: () => Promise.reject(new ClientError('not-found', 'It has no other key.')),
  };
  relays: readonly string[] = [];

  constructor(store: ClientStore) {
    this.#store = store;
  }

  /** Something happens: a message comes, a receipt, a request. */
  happen(event: NewEvent): void {
    const whole = { ...event, eventId: this.#events.length + 1, time: 1_700_000_000_000 } as ClientEvent;
    this.#events.push(whole);
    if (whole.event === 'receipt') {
      const at = this.#messages.findIndex(({ id }) => id === whole.id);
      const message = this.#messages[at];
      if (message !== undefined) this.#messages[at] = { ...message, state: whole.state };
    }
    for (const listen of this.#listeners) listen(whole);
  }

  receive(from: string, text: string): void {
    const id = (this.#messages.length + 1).toString(16).padStart(64, 'b');
    const { conversation } = this.contact(from);
    this.#messages.push({
      id,
      conversation,
      from,
      text,
      kind: 'text',
      time: 1_700_000_000_000,
      state: 'received',
      note: undefined,
      gapBefore: false,
    });
    this.happen({ event: 'message', id, conversation, from, text, kind: 'text', sent: 1_700_000_000_000 });
  }

  addRequest(address: string, text: string): void {
    this.#keep(address, 'request');
    this.happen({ event: 'request', from: address, fingerprint: 'f', text });
  }

  get sent(): readonly string[] {
    return this.#messages.filter(({ state }) => state !== 'received').map(({ text }) => text);
  }

  account(): AccountView | undefined {
    const stored = this.#store.get('account', accountKey);
    if (stored === undefined) return undefined;
    const address = new TextDecoder().decode(stored);
    return {
      address,
      userId: 'a'.repeat(64),
      fingerprint: 'one two three',
      deviceName: 'here',
      relays: this.relays,
    };
  }

  async createAccount(wish: { readonly address: string; readonly phrase?: string }): Promise<CreatedAccount> {
    if (this.account() !== undefined) return refuse('account-exists', 'There is an account here already.');
    if (!/^[^@\s]+@[^@\s]+$/.test(wish.address)) return refuse('bad-address', 'address: it is name@domain.');
    if (wish.phrase !== undefined && wish.phrase !== phrase)
      return refuse('bad-phrase', 'phrase: its check word is wrong.');
    await this.#store.commit([
      { kind: 'put', table: 'account', key: accountKey, value: new TextEncoder().encode(wish.address) },
    ]);
    return Promise.resolve({
      address: wish.address,
      userId: 'a'.repeat(64),
      phrase,
      fingerprint: 'one two three',
    });
  }

  start(): Promise<void> {
    this.started = true;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.started = false;
    return Promise.resolve();
  }

  setRelays(relays: readonly string[]): Promise<void> {
    this.relays = relays;
    return Promise.resolve();
  }

  offerRelays(): Promise<void> {
    return Promise.resolve();
  }

  accountLog(): AccountLogView {
    const { address = '', fingerprint = '' } = this.account() ?? {};
    return {
      address,
      fingerprint,
      formerAddresses: [],
      head: { sequence: 1, hash: 'ab'.repeat(32) },
      entries: [{ sequence: 0, time: 0, text: `the account begins as ${address}` }],
      devices: [{ name: 'laptop', key: 'cd'.repeat(32), own: true, state: 'live', expires: undefined }],
      hasKey: true,
    };
  }

  rotateKey(): ReturnType<Client['rotateKey']> {
    return refuse('no-account', 'There is no account here yet.');
  }

  enterPhrase(): Promise<AccountLogView> {
    return Promise.resolve(this.accountLog());
  }

  moveAddress(): ReturnType<Client['moveAddress']> {
    return refuse('contested', 'Somebody else has this address: take another one.');
  }

  revokeDevice(): Promise<AccountLogView> {
    return Promise.resolve(this.accountLog());
  }

  invite(wish: InviteWish): Promise<InviteView> {
    if (this.account() === undefined) return refuse('no-account', 'There is no account here yet.');
    const invite = standInInvite(`0${this.#invites.length + 1}`, wish);
    this.#invites.push(invite);
    return Promise.resolve(invite);
  }

  invites(): readonly InviteView[] {
    return this.#invites;
  }

  revokeInvite(id: string): Promise<InviteView> {
    const at = this.#invites.findIndex((invite) => invite.id === id);
    const invite = this.#invites[at];
    if (invite === undefined) return refuse('not-found', 'There is no invite with this id.');
    const revoked = { ...invite, state: 'revoked' as const };
    this.#invites[at] = revoked;
    return Promise.resolve(revoked);
  }

  acceptInvite(link: string): Promise<ContactView> {
    if (link !== 'mycelium:invite') return refuse('bad-link', 'link: it is no invite link.');
    return Promise.resolve(this.#keep('bob@example.com', 'accepted'));
  }

  addContact({ address }: { readonly address: string }): Promise<ContactView> {
    if (address.startsWith('nobody@'))
      return refuse('not-found', `The directory knows nobody called ${address}.`);
    return Promise.resolve(this.#keep(address, 'pending'));
  }

  contacts({ ignored = false }: { readonly ignored?: boolean } = {}): readonly ContactView[] {
    return [...this.#contacts.values()].filter(({ state }) => (state === 'ignored') === ignored);
  }

  contact(address: string): ContactView {
    const found = this.#contacts.get(address);
    if (found === undefined)
      throw new ClientError('unknown-contact', `${address} is not among your contacts.`);
    return found;
  }

  verifyContact(address: string, shown: Shown): Promise<ContactView> {
    const contact = this.contact(address);
    const { safetyNumber: number, words, code } = this.verification(address);
    if ({ number, words, code }[shown.kind] !== shown.text)
      return refuse('number-differs', 'The numbers differ. Do not trust this contact yet.');
    return Promise.resolve(this.#change({ ...contact, trust: 'verified' }));
  }

  trustContact({ address, fingerprint }: Parameters<Client['trustContact']>[0]): Promise<ContactView> {
    const contact = this.contact(address);
    if (contact.fingerprint !== fingerprint) return refuse('not-found', 'No account has this fingerprint.');
    return Promise.resolve(contact);
  }

  checkContact(address: string): Promise<ContactView> {
    return Promise.resolve(this.contact(address));
  }

  verification(address: string): VerificationView {
    const { safetyNumber } = this.contact(address);
    const art = Array.from({ length: 18 }, () => '⠿'.repeat(36));
    const picture = { name: 'rust, 5 threads, 2 rings', colour: '#D55E00', svg: '<svg/>', art };
    const ownPicture = { ...picture, name: 'lake, 3 threads, no rings', colour: '#0072B2' };
    const code = `mycelium:verify/${'A'.repeat(92)}`;
    return { address, safetyNumber, words: 'aardvark adroitness', code, picture, ownPicture };
  }

  readonly vouched: Parameters<Client['vouch']>[0][] = [];
  depth: 0 | 1 | 2 = 1;

  vouch(wish: Parameters<Client['vouch']>[0]): Promise<readonly string[]> {
    if (this.contact(wish.address).trust !== 'verified')
      return refuse('not-verified', `You have not verified ${wish.address}.`);
    this.vouched.push(wish);
    return Promise.resolve(wish.to === 'all' ? [...this.#contacts.keys()] : (wish.to ?? [wish.address]));
  }

  revokeVouch(address: string): Promise<readonly string[]> {
    const told = this.vouched.filter((wish) => wish.address === address);
    if (told.length === 0) return refuse('not-found', `You have not vouched for ${address}.`);
    return Promise.resolve(told.map((wish) => wish.address));
  }

  vouches(): VouchesView {
    const given = this.vouched.map(({ address: about }) => ({
      from: this.account()?.address ?? '',
      about,
      to: [about],
      state: 'given' as const,
      issued: 1_700_000_000_000,
      expires: 1_731_536_000_000,
    }));
    return { depth: this.depth, shown: this.shown, given, received: [] };
  }

  shown: string | undefined;

  showVouch(from: string | undefined): Promise<void> {
    this.shown = from;
    return Promise.resolve();
  }

  setVouchDepth(depth: 0 | 1 | 2): Promise<void> {
    this.depth = depth;
    return Promise.resolve();
  }

  acceptContact(address: string): Promise<ContactView> {
    return Promise.resolve(this.#change({ ...this.contact(address), state: 'accepted' }));
  }

  ignoreContact(address: string): Promise<ContactView> {
    return Promise.resolve(this.#change({ ...this.contact(address), state: 'ignored' }));
  }

  unignoreContact(address: string): Promise<ContactView> {
    return Promise.resolve(this.#change({ ...this.contact(address), state: 'request' }));
  }

  blockContact(address: string): Promise<ContactView> {
    return Promise.resolve(this.#change({ ...this.contact(address), state: 'blocked' }));
  }

  setContactPolicy(address: string, policy: ContactView['policy']): Promise<ContactView> {
    return Promise.resolve(this.#change({ ...this.contact(address), policy }));
  }

  moved(): Promise<void> {
    return Promise.resolve();
  }

  removeContact(address: string): Promise<void> {
    this.#contacts.delete(this.contact(address).address);
    return Promise.resolve();
  }

  send({ to, text }: { readonly to: string; readonly text: string }): Promise<MessageView> {
    const id = (this.#messages.length + 1).toString(16).padStart(64, '0');
    const { conversation } = this.contact(to);
    const from = this.account()?.address ?? '';
    const message: MessageView = {
      id,
      conversation,
      from,
      text,
      kind: 'text',
      time: 1_700_000_000_000,
      state: 'queued',
      note: undefined,
      gapBefore: false,
    };
    this.#messages.push(message);
    setImmediate(() => this.happen({ event: 'receipt', id, conversation, state: 'stored' }));
    return Promise.resolve(message);
  }

  message(id: string): MessageView | undefined {
    return this.#messages.find((message) => message.id === id);
  }

  conversations(): ReturnType<Client['conversations']> {
    return this.contacts().map(({ conversation, address }) => {
      const said = this.#messages.filter((message) => message.conversation === conversation);
      const unread = said
        .slice(this.#read.get(conversation) ?? 0)
        .filter(({ state }) => state === 'received');
      return { conversation, address, last: said.at(-1), unread: unread.length };
    });
  }

  markRead(to: string): Promise<void> {
    const { conversation } = this.contact(to);
    this.#read.set(conversation, this.#messages.filter((one) => one.conversation === conversation).length);
    return Promise.resolve();
  }

  history({
    to,
    limit = 100,
    before,
  }: {
    readonly to: string;
    readonly limit?: number;
    readonly before?: string;
  }): readonly MessageView[] {
    const { conversation } = this.contact(to);
    const all = this.#messages.filter((message) => message.conversation === conversation);
    const end = before === undefined ? all.length : all.findIndex(({ id }) => id === before);
    return all.slice(Math.max(0, end - limit), end);
  }

  subscribe(since: number | undefined, listen: (event: ClientEvent) => void): () => void {
    if (since !== undefined) for (const event of this.#events) if (event.eventId > since) listen(event);
    this.#listeners.add(listen);
    return () => this.#listeners.delete(listen);
  }

  status(): ReturnType<Client['status']> {
    return {
      account: this.account(),
      peers: [],
      relays: this.relays.map((address) => ({
        address,
        use: 'account' as const,
        named: true,
        state: 'there' as const,
        since: 0,
        rttMs: 12,
        loadPercent: 3,
        note: 'named by you',
      })),
      directoryNodes: 3,
      published: { at: undefined, note: 'no directory' },
      queued: 0,
      contacts: this.#contacts.size,
      doubts: [],
    };
  }

  #keep(address: string, state: ContactView['state']): ContactView {
    return this.#change(standInContact(address, state));
  }

  #change(contact: ContactView): ContactView {
    this.#contacts.set(contact.address, contact);
    return contact;
  }
}

function refuse(code: ClientError['code'], message: string): Promise<never> {
  return Promise.reject(new ClientError(code, message));
}
