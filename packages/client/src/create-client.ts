/**
 * A person's messenger: the façade over one loop (loop/loop.ts). What changes something is a step; what only looks
 * reads the rows of the last commit. Work that needs the network is on the agenda and comes back as steps.
 */
import {
  bytesToHex,
  formatPeerAddress,
  parsePeerAddress,
  stampDifficultyDefault,
  type PeerAddress,
} from '@mycelium/protocol';
import { ownFingerprint, requireAccount } from './account/account-row.ts';
import type { AccountLogView } from './account-log-view.ts';
import { revokeDevice } from './account/change-account.ts';
import { lookAtAddresses } from './account/maintain.ts';
import { namedPeers } from './account/wanted-relays.ts';
import {
  ClientError,
  type AccountView,
  type Client,
  type ClientEvent,
  type ContactView,
  type PathPolicy,
} from './client.ts';
import type { InviteView } from './invite-views.ts';
import { findContact } from './contacts/contact-row.ts';
import { showVouch } from './contacts/claim-vouch.ts';
import { giveVouch, revokeVouch } from './contacts/give-vouch.ts';
import { ignore, unignore } from './contacts/ignore.ts';
import { makeInvite, revokeInvite } from './contacts/invites.ts';
import { setPolicy } from './contacts/policy.ts';
import { UnwantedIntroductions } from './contacts/unwanted.ts';
import { acceptContact, block, remove, verify } from './contacts/standing.ts';
import { verificationView } from './contacts/verify.ts';
import { createClientDomains } from './domains/client-domains.ts';
import type { ClientDomains } from './domains/domain-types.ts';
import { compose } from './conversation/compose.ts';
import { declareAll } from './conversation/declare-all.ts';
import { markRead } from './conversation/mark-read.ts';
import { Agenda, postponeWork } from './loop/agenda.ts';
import { storedRows, type Rows } from './loop/rows.ts';
import { Loop, type Transition } from './loop/loop.ts';
import { rotateToNewPhrase, takePhrase } from './network/account-phrase.ts';
import { beginAccount } from './network/begin-account.ts';
import { createDoers } from './network/doers.ts';
import { createMailHandler } from './network/mail-handler.ts';
import { checkContact, planLookUps, trustContact } from './network/look-up-contacts.ts';
import { moveToAddress } from './network/move-to-address.ts';
import { addByAddress, addByInvite } from './network/reach-contact.ts';
import { RelayedDirectory } from './network/relayed-directory.ts';
import type { ClientPorts, StepPorts } from './ports.ts';
import { nameRelays, tellRelays } from './relays/name-relays.ts';
import { RelayRefusals } from './relays/refusals.ts';
import { numberKey } from './store/keys.ts';
import type { AccountRow, ContactRow, InviteRow } from './store/rows.ts';
import { accountRowKey, tables } from './store/tables.ts';
import { accountLogView } from './views/account-log-view.ts';
import { contactView } from './views/contact-view.ts';
import { conversations } from './views/conversation-view.ts';
import { inviteView } from './views/invite-view.ts';
import { history, messageById, messageView } from './views/message-view.ts';
import type { Shown } from './trust-views.ts';
import { clientStatus } from './views/status-view.ts';
import { vouchesView } from './views/vouches-view.ts';

const runBytes = 8;

export function createClient(given: ClientPorts): Client {
  const ports: ClientPorts = { ...given, directory: new RelayedDirectory(given) };
  const stepPorts: StepPorts = {
    agreement: ports.agreement,
    primitives: ports.primitives,
    randomness: ports.randomness,
    ownAddresses: () => ports.ownAddresses(),
    isRelay: ports.isRelay,
    intakeDifficulty: ports.intakeDifficulty ?? stampDifficultyDefault,
    unwanted: new UnwantedIntroductions(),
    run: bytesToHex(ports.randomness.bytes(runBytes)),
  };
  const rows = storedRows(ports.store);
  const refusals = new RelayRefusals();
  const loop: Loop = new Loop(ports, (name) => agenda.planned(name));
  const agenda: Agenda = new Agenda({
    clock: ports.clock,
    rows,
    doers: createDoers(ports, stepPorts, loop, refusals),
    failed: (name) => loop.step((draft) => postponeWork(draft, name)),
  });
  return new Messenger({ ports, stepPorts, rows, loop, agenda, refusals });
}

interface MessengerParts {
  readonly ports: ClientPorts;
  readonly stepPorts: StepPorts;
  readonly rows: Rows;
  readonly loop: Loop;
  readonly agenda: Agenda;
  readonly refusals: RelayRefusals;
}

class Messenger implements Client {
  readonly #ports: ClientPorts;
  readonly #stepPorts: StepPorts;
  readonly #rows: Rows;
  readonly #loop: Loop;
  readonly #agenda: Agenda;
  readonly #refusals: RelayRefusals;
  readonly domains: ClientDomains;
  #started = false;

  constructor(parts: MessengerParts) {
    this.#ports = parts.ports;
    this.#stepPorts = parts.stepPorts;
    this.#rows = parts.rows;
    this.#loop = parts.loop;
    this.#agenda = parts.agenda;
    this.#refusals = parts.refusals;
    this.domains = createClientDomains(parts);
  }

  account(): AccountView | undefined {
    const account = this.#rows.get(tables.account, accountRowKey);
    return account === undefined ? undefined : accountView(account);
  }

  async createAccount(wish: Parameters<Client['createAccount']>[0]): ReturnType<Client['createAccount']> {
    if (this.account() !== undefined) {
      throw new ClientError(
        'account-exists',
        'There is an account here already: one data folder, one account.',
      );
    }
    return beginAccount(this.#ports, this.#stepPorts, this.#loop, wish);
  }

  accountLog(): AccountLogView {
    const { primitives, clock } = this.#ports;
    return accountLogView(this.#rows, { primitives, nowMs: clock.nowMs() });
  }

  rotateKey(): ReturnType<Client['rotateKey']> {
    return rotateToNewPhrase(this.#ports, this.#stepPorts, this.#loop);
  }

  async enterPhrase(phrase: string): Promise<AccountLogView> {
    await takePhrase(this.#ports, this.#stepPorts, this.#loop, phrase);
    return this.accountLog();
  }

  async moveAddress(address: string): Promise<AccountView> {
    return accountView(await moveToAddress(this.#ports, this.#stepPorts, this.#loop, address));
  }

  async revokeDevice(device: string): Promise<AccountLogView> {
    await this.#loop.step((draft) => revokeDevice(draft, this.#stepPorts, device));
    return this.accountLog();
  }

  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const { mail } = this.#ports;
    mail.start(createMailHandler(this.#ports, this.#stepPorts, this.#loop, this.#refusals));
    this.#loop.transmit();
    await this.#loop.step((draft) => {
      declareAll(draft, this.#stepPorts);
      if (draft.get(tables.account, accountRowKey) !== undefined) lookAtAddresses(draft, this.#stepPorts);
      planLookUps(draft, this.#stepPorts);
    });
    this.#agenda.start();
  }

  async stop(): Promise<void> {
    await this.#agenda.stop();
    await this.#loop.stop();
  }

  async setRelays(relays: readonly string[]): Promise<void> {
    const chosenRelays = relays.map(readRelay);
    await this.#loop.step((draft) => {
      const before = namedPeers(draft, this.#stepPorts);
      draft.put(tables.account, accountRowKey, { ...requireAccount(draft), chosenRelays });
      nameRelays(draft, before, namedPeers(draft, this.#stepPorts));
      lookAtAddresses(draft, this.#stepPorts);
    });
  }

  async offerRelays(relays: readonly string[]): Promise<void> {
    const told = relays.map(readRelay);
    await this.#loop.step((draft) => tellRelays(draft, told));
  }

  async invite(wish: Parameters<Client['invite']>[0]): ReturnType<Client['invite']> {
    return this.#inviteView(await this.#loop.step((draft) => makeInvite(draft, this.#stepPorts, wish)));
  }

  invites(): readonly InviteView[] {
    return this.#rows
      .scan(tables.invites)
      .map(({ row }) => this.#inviteView(row))
      .toSorted((one, other) => (other.made ?? 0) - (one.made ?? 0));
  }

  async revokeInvite(id: string): Promise<InviteView> {
    return this.#inviteView(await this.#loop.step((draft) => revokeInvite(draft, id)));
  }

  async acceptInvite(link: string): Promise<ContactView> {
    return this.#view(await addByInvite(this.#ports, this.#stepPorts, this.#loop, link));
  }

  async addContact(wish: Parameters<Client['addContact']>[0]): Promise<ContactView> {
    return this.#view(await addByAddress(this.#ports, this.#stepPorts, this.#loop, wish));
  }

  contacts({ ignored = false }: { readonly ignored?: boolean } = {}): readonly ContactView[] {
    return this.#rows
      .scan(tables.contacts)
      .filter(({ row }) => (row.status === 'ignored') === ignored)
      .map(({ row }) => this.#view(row));
  }

  contact(address: string): ContactView {
    return this.#view(findContact(this.#rows, address));
  }

  verification(address: string): ReturnType<Client['verification']> {
    return verificationView(this.#rows, this.#ports.primitives, findContact(this.#rows, address));
  }

  verifyContact(address: string, shown: Shown): Promise<ContactView> {
    return this.#change((draft) => verify(draft, this.#stepPorts, address, shown));
  }

  vouch(wish: Parameters<Client['vouch']>[0]): ReturnType<Client['vouch']> {
    return this.#loop.step((draft) => giveVouch(draft, this.#stepPorts, wish));
  }

  revokeVouch(address: string): ReturnType<Client['revokeVouch']> {
    return this.#loop.step((draft) => revokeVouch(draft, this.#stepPorts, address));
  }

  vouches(): ReturnType<Client['vouches']> {
    return vouchesView(this.#rows, this.#ports.clock.nowMs());
  }

  async showVouch(from: string | undefined): Promise<void> {
    await this.#loop.step((draft) => showVouch(draft, this.#stepPorts, from));
  }

  async setVouchDepth(vouchDepth: 0 | 1 | 2): Promise<void> {
    await this.#loop.step((draft) =>
      draft.put(tables.account, accountRowKey, { ...requireAccount(draft), vouchDepth }),
    );
  }

  async trustContact(wish: Parameters<Client['trustContact']>[0]): Promise<ContactView> {
    return this.#view(await trustContact(this.#ports, this.#stepPorts, this.#loop, wish));
  }

  async checkContact(address: string): Promise<ContactView> {
    return this.#view(await checkContact(this.#ports, this.#stepPorts, this.#loop, address));
  }

  acceptContact(address: string): Promise<ContactView> {
    return this.#change((draft) => acceptContact(draft, this.#stepPorts, address));
  }

  blockContact(address: string): Promise<ContactView> {
    return this.#change((draft) => block(draft, address));
  }

  ignoreContact(address: string): Promise<ContactView> {
    return this.#change((draft) => ignore(draft, address));
  }

  unignoreContact(address: string): Promise<ContactView> {
    return this.#change((draft) => unignore(draft, address));
  }

  async removeContact(address: string): Promise<void> {
    await this.#loop.step((draft) => remove(draft, this.#stepPorts, address));
  }

  setContactPolicy(address: string, policy: PathPolicy): Promise<ContactView> {
    return this.#change((draft) => setPolicy(draft, this.#stepPorts, address, policy));
  }

  async send(wish: Parameters<Client['send']>[0]): ReturnType<Client['send']> {
    return messageView(await this.#loop.step((draft) => compose(draft, this.#stepPorts, wish)));
  }

  message(id: string): ReturnType<Client['message']> {
    const row = messageById(this.#rows, id);
    return row === undefined ? undefined : messageView(row);
  }

  history(wish: Parameters<Client['history']>[0]): ReturnType<Client['history']> {
    return history(this.#rows, wish);
  }

  conversations(): ReturnType<Client['conversations']> {
    return conversations(this.#rows);
  }

  async markRead(to: string): Promise<void> {
    await this.#loop.step((draft) => markRead(draft, to));
  }

  /** What is stored, then what comes. A commit may be readable a moment before its events are told: nothing is told twice. */
  subscribe(since: number | undefined, listen: (event: ClientEvent) => void): () => void {
    if (since === undefined) return this.#loop.listen(listen);
    const stored = this.#rows.scan(tables.events, { from: numberKey(Math.max(0, since) + 1) });
    for (const { row } of stored) listen(row);
    const last = stored.at(-1)?.row.eventId ?? 0;
    return this.#loop.listen((event) => {
      if (event.eventId > last) listen(event);
    });
  }

  status(): ReturnType<Client['status']> {
    return clientStatus(this.#ports, this.#rows, this.account());
  }

  async moved(): Promise<void> {
    if (!this.#started || this.account() === undefined) return;
    await this.#loop.step((draft) => lookAtAddresses(draft, this.#stepPorts));
  }

  async #change(transition: Transition<ContactRow>): Promise<ContactView> {
    return this.#view(await this.#loop.step(transition));
  }

  #inviteView(invite: InviteRow): InviteView {
    return inviteView(invite, this.#ports.clock.nowMs());
  }

  #view(contact: ContactRow): ContactView {
    const { primitives, clock } = this.#ports;
    return contactView(this.#rows, { primitives, nowMs: clock.nowMs() }, contact);
  }
}

function readRelay(text: string): PeerAddress {
  const peer = parsePeerAddress(text);
  if (peer.ok) return peer.value;
  throw new ClientError('bad-address', `A relay's address ${peer.refusal.rule}.`);
}

function accountView(account: AccountRow): AccountView {
  return {
    address: account.address,
    userId: bytesToHex(account.userId),
    fingerprint: ownFingerprint(account),
    deviceName: account.device.name,
    relays: account.relays.map(formatPeerAddress),
  };
}
