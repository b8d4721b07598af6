/** The API's methods on a `Client`, and its errors as the API tells them. */
import {
  ApiError,
  isApiErrorCode,
  type ApiHandlers,
  type BackupReport,
  type MethodName,
  type NodeStatus,
} from '@mycelium/api';
import type { Client, ClientError, Shown } from '@mycelium/client';
import { BackupError } from '@mycelium/node';
import { ClientStoreError } from '@mycelium/runtime';
import { FailedError } from '../failures.ts';
import { anonymousError, type Log } from './log.ts';
import { pageHandlers, type ServedPage } from './page-handlers.ts';

export interface HandlerParts {
  /** Undefined: this node has no user role. */
  readonly client: Client | undefined;
  /** Relays named on the command line, for an account that is made while the node runs. */
  readonly relays: readonly string[];
  status(): Promise<NodeStatus>;
  /** Copies the relay's mail. Undefined: this node has no relay role. */
  readonly backUp: ((folder: string) => Promise<BackupReport>) | undefined;
  /** There is an account now where there was none. */
  accountMade(): void;
  readonly page: ServedPage;
  /** Stops the node, after the answer has gone out. */
  stop(): void;
}

export function createHandlers(parts: HandlerParts): ApiHandlers {
  const user = (): Client => {
    if (parts.client !== undefined) return parts.client;
    throw new ApiError(
      'no-user-role',
      'This node runs without the role user: it has no account, contacts or messages.',
    );
  };
  return {
    'account.create': async ({ address, phrase, deviceName, deviceLifetimeMs }) => {
      const client = user();
      const account = await client.createAccount({
        address,
        ...only('phrase', phrase),
        ...only('deviceName', deviceName),
        ...only('deviceLifetimeMs', deviceLifetimeMs),
      });
      if (parts.relays.length > 0) await client.setRelays(parts.relays);
      parts.accountMade();
      return account;
    },
    ...accountLogHandlers(user),
    'account.relays': async ({ relays }) => {
      await user().setRelays(relays);
      return {};
    },
    'account.proof': ({ proof }) =>
      proof === undefined ? user().domains.proof() : user().domains.prove(proof),
    'domains.list': () => ({ domains: user().domains.known() }),
    'domains.check': ({ of }) => user().domains.check(of),
    'domains.trust': ({ domain, key }) => user().domains.trust(domain, key),
    ...inviteHandlers(user),
    'contacts.add': ({ address, message, fingerprint }) =>
      user().addContact({ address, ...only('message', message), ...only('fingerprint', fingerprint) }),
    'contacts.list': ({ ignored }) => ({ contacts: user().contacts(only('ignored', ignored)) }),
    'contacts.show': ({ address }) => user().contact(address),
    ...trustHandlers(user),
    'contacts.trust': ({ address, fingerprint, held }) =>
      user().trustContact({ address, fingerprint, ...only('held', held) }),
    'contacts.check': ({ address }) => user().checkContact(address),
    'contacts.policy': ({ address, policy }) => user().setContactPolicy(address, policy),
    'contacts.remove': async ({ address }) => {
      await user().removeContact(address);
      return {};
    },
    'messages.send': ({ to, text, idempotencyKey }) =>
      user().send({ to, text, ...only('idempotencyKey', idempotencyKey) }),
    'messages.show': ({ id }) => ({ message: user().message(id) }),
    'messages.history': ({ to, limit, before }) => ({
      messages: user().history({ to, ...only('limit', limit), ...only('before', before) }),
    }),
    'relay.backup': async ({ folder }) => {
      if (parts.backUp === undefined) {
        throw new ApiError('no-relay-role', 'This node runs without the role relay: it keeps no mail.');
      }
      return parts.backUp(folder);
    },
    'conversations.list': () => ({ conversations: user().conversations() }),
    'conversations.read': async ({ to }) => {
      await user().markRead(to);
      return {};
    },
    ...pageHandlers(parts.page),
    'node.status': () => parts.status(),
    'node.stop': () => {
      parts.stop();
      return {};
    },
  };
}

type AccountLogHandlers = Pick<
  ApiHandlers,
  'account.log' | 'account.rotateKey' | 'account.enterPhrase' | 'account.move' | 'account.revokeDevice'
>;

/** What is written into the account's log. */
function accountLogHandlers(user: () => Client): AccountLogHandlers {
  return {
    'account.log': () => user().accountLog(),
    'account.rotateKey': () => user().rotateKey(),
    'account.enterPhrase': ({ phrase }) => user().enterPhrase(phrase),
    'account.move': ({ address }) => user().moveAddress(address),
    'account.revokeDevice': ({ device }) => user().revokeDevice(device),
  };
}

type InviteHandlers = Pick<
  ApiHandlers,
  | 'invites.create'
  | 'invites.list'
  | 'invites.revoke'
  | 'invites.accept'
  | 'contacts.accept'
  | 'contacts.ignore'
  | 'contacts.unignore'
  | 'contacts.block'
>;

/** Links, and what is said to those who come. */
function inviteHandlers(user: () => Client): InviteHandlers {
  return {
    'invites.create': ({ uses, expiresMs, label }) =>
      user().invite({ ...only('uses', uses), ...only('expiresMs', expiresMs), ...only('label', label) }),
    'invites.list': () => ({ invites: user().invites() }),
    'invites.revoke': ({ id }) => user().revokeInvite(id),
    'invites.accept': ({ link }) => user().acceptInvite(link),
    'contacts.accept': ({ address }) => user().acceptContact(address),
    'contacts.ignore': ({ address }) => user().ignoreContact(address),
    'contacts.unignore': ({ address }) => user().unignoreContact(address),
    'contacts.block': ({ address }) => user().blockContact(address),
  };
}

type TrustHandlers = Pick<
  ApiHandlers,
  | 'contacts.verify'
  | 'contacts.verification'
  | 'vouches.give'
  | 'vouches.revoke'
  | 'vouches.list'
  | 'vouches.show'
  | 'vouches.depth'
>;

/** What people compare, and whom they vouch for. */
function trustHandlers(user: () => Client): TrustHandlers {
  return {
    'contacts.verify': ({ address, safetyNumber, words, code }) =>
      user().verifyContact(address, shownOf(safetyNumber, words, code)),
    'contacts.verification': ({ address }) => user().verification(address),
    'vouches.give': async ({ address, to, lifeMs }) => ({
      told: await user().vouch({ address, ...only('to', to), ...only('lifeMs', lifeMs) }),
    }),
    'vouches.revoke': async ({ address }) => ({ told: await user().revokeVouch(address) }),
    'vouches.show': async ({ from }) => {
      await user().showVouch(from);
      return {};
    },
    'vouches.list': () => user().vouches(),
    'vouches.depth': async ({ depth }) => {
      await user().setVouchDepth(depth);
      return {};
    },
  };
}

/** The schema has seen to it that there is one. */
function shownOf(number: string | undefined, words: string | undefined, code = ''): Shown {
  if (number !== undefined) return { kind: 'number', text: number };
  return words !== undefined ? { kind: 'words', text: words } : { kind: 'code', text: code };
}

/** An optional member that is left out when there is no value. */
function only<Name extends string, T>(name: Name, value: T | undefined): { readonly [N in Name]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: T };
}

export function explainError(log: Log): (error: unknown, method: MethodName) => ApiError {
  return (error, method) => {
    if (isClientError(error) && isApiErrorCode(error.code)) return new ApiError(error.code, error.message);
    if (error instanceof ClientStoreError) {
      return new ApiError(error.code === 'full' ? 'store-full' : 'store-failed', error.message);
    }
    if (error instanceof BackupError) return new ApiError('backup-failed', error.message);
    if (error instanceof FailedError)
      return new ApiError(isApiErrorCode(error.code) ? error.code : 'internal', error.message);
    log.error('api', `${method} failed: ${anonymousError(error)}`);
    return new ApiError(
      'internal',
      `${method} failed for a reason that nobody expected. The node goes on; its log has the place.`,
    );
  };
}

/** By its name, so that a node without the role user does not load the client. */
function isClientError(error: unknown): error is ClientError {
  return error instanceof Error && error.name === 'ClientError' && 'code' in error;
}
