/** What the page does with its node: asks, tells, and keeps the model true while events come. */
import type { ApiCaller, ApiEvent, Contact, Invite, MethodName, Params, Result } from '@mycelium/api';
import { Store } from '@tanstack/react-store';
import { Session, type LinkState, type SessionListener } from '../connection/session.ts';
import {
  messageCame,
  newestCame,
  olderCame,
  receiptCame,
  warned,
  warningSeen,
  wasRead,
  withMessage,
} from './changes.ts';
import { nothingKnown, type Model } from './model.ts';

const pageOf = 100;

/** No answer can come: the node is away. */
export class AwayError extends Error {}

export class Messenger implements SessionListener {
  readonly model: Store<Model> = new Store<Model>(nothingKnown);
  readonly #session: Session;
  readonly #notify: (event: ApiEvent) => void;
  #caller: ApiCaller | undefined;

  /** `notify`: for events that a person should hear of, wherever they look. */
  constructor(url: string, notify: (event: ApiEvent) => void) {
    this.#session = new Session(url, this);
    this.#notify = notify;
  }

  start(): void {
    this.#session.start();
  }

  pair(code: string, browser: string): Promise<void> {
    return this.#session.pair(code, browser);
  }

  changed(link: LinkState): void {
    if (link !== 'open') this.#caller = undefined;
    this.model.setState((model) => ({ ...model, link }));
  }

  /** Events first, then everything as it is: nothing falls between. */
  async opened(caller: ApiCaller): Promise<void> {
    this.#caller = caller;
    const status = await caller.call('node.status', {});
    this.model.setState((model) => ({ ...model, status }));
    if (status.account === undefined) return;
    await caller.call('events.subscribe', {});
    await Promise.all([
      this.#readPeople(),
      ...Object.keys(this.model.state.threads).map((one) => this.readNewest(one)),
    ]);
  }

  happened(event: ApiEvent): void {
    switch (event.event) {
      case 'message':
        this.model.setState((model) => messageCame(model, event));
        break;
      case 'receipt':
        this.model.setState((model) => receiptCame(model, event));
        if (!this.#knows(event.conversation, event.id)) void this.#readLast(event.conversation);
        break;
      case 'security':
        this.model.setState((model) => warned(model, event));
        void this.#readPeople();
        break;
      case 'gap':
        if (this.model.state.threads[event.conversation] !== undefined)
          void this.readNewest(event.conversation);
        break;
      case 'contact':
      case 'request':
      case 'vouch':
        void this.#readPeople();
    }
    this.#notify(event);
  }

  /** @throws ApiError, ApiClosedError, AwayError */
  call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    if (this.#caller === undefined) return Promise.reject(new AwayError());
    return this.#caller.call(method, params);
  }

  async createAccount(address: string, phrase: string | undefined): Promise<string> {
    const made = await this.call('account.create', { address, ...(phrase === undefined ? {} : { phrase }) });
    if (this.#caller !== undefined) await this.opened(this.#caller);
    return made.phrase;
  }

  async readNewest(conversation: string): Promise<void> {
    const { messages } = await this.call('messages.history', { to: conversation, limit: pageOf });
    this.model.setState((model) => newestCame(model, conversation, messages, pageOf));
  }

  async readOlder(conversation: string): Promise<void> {
    const first = this.model.state.threads[conversation]?.messages[0];
    if (first === undefined) return;
    const asked = { to: conversation, limit: pageOf, before: first.id };
    const { messages } = await this.call('messages.history', asked);
    this.model.setState((model) => olderCame(model, conversation, messages, pageOf));
  }

  /** The same key sends once, however often it is asked for. */
  async send(conversation: string, text: string, idempotencyKey: string): Promise<void> {
    const message = await this.call('messages.send', { to: conversation, text, idempotencyKey });
    this.model.setState((model) => withMessage(model, message));
  }

  async markRead(conversation: string): Promise<void> {
    const unread = this.model.state.conversations.find((one) => one.conversation === conversation)?.unread;
    if (unread === undefined || unread === 0) return;
    this.model.setState((model) => wasRead(model, conversation));
    await this.call('conversations.read', { to: conversation });
  }

  async changeContact(change: Promise<Contact | object>): Promise<void> {
    await change;
    await this.#readPeople();
  }

  invite(label: string): Promise<Invite> {
    return this.call('invites.create', label === '' ? {} : { label });
  }

  async readStatus(): Promise<void> {
    const status = await this.call('node.status', {});
    this.model.setState((model) => ({ ...model, status }));
  }

  dismiss(eventId: number): void {
    this.model.setState((model) => warningSeen(model, eventId));
  }

  #knows(conversation: string, id: string): boolean {
    const { threads } = this.model.state;
    return threads[conversation]?.messages.some((message) => message.id === id) ?? true;
  }

  /** Something that was sent elsewhere: by the command line, or another page. */
  async #readLast(conversation: string): Promise<void> {
    await Promise.all([this.readNewest(conversation), this.#readPeople()]);
  }

  async #readPeople(): Promise<void> {
    const [{ contacts }, { conversations }] = await Promise.all([
      this.call('contacts.list', {}),
      this.call('conversations.list', {}),
    ]);
    this.model.setState((model) => ({ ...model, contacts, conversations }));
  }
}
