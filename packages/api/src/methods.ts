/** The table of methods: what each does, with the schemas of what it takes and answers. */
import * as v from 'valibot';
import { historyMax, usesMax } from './limits.ts';
import {
  accountLogSchema,
  accountSchema,
  addressField,
  backupReportSchema,
  browserSchema,
  codeField,
  contactSchema,
  conversationSchema,
  depthField,
  domainCheckSchema,
  domainField,
  domainKeyField,
  domainSchema,
  fingerprintField,
  folderField,
  heldField,
  idField,
  inviteSchema,
  keyField,
  labelField,
  linkField,
  messageSchema,
  newAccountSchema,
  nodeStatusSchema,
  pageAccessSchema,
  pairingCodeField,
  phraseField,
  policyField,
  proofField,
  proofSchema,
  recipientField,
  safetyNumberField,
  textField,
  tokenField,
  verificationSchema,
  vouchesSchema,
  wholeNumber,
  wordsField,
} from './schemas.ts';
import type { MethodName, Params, Result } from './types.ts';

export interface Method<M extends MethodName> {
  readonly summary: string;
  readonly params: v.GenericSchema<unknown, Params<M>>;
  readonly result: v.GenericSchema<unknown, Result<M>>;
}

const nothing = v.strictObject({});
const done = v.object({});
const toldSchema = v.object({ told: v.array(v.string()) });
const aboutContact = v.strictObject({ address: addressField });
const hourMs = 3600 * 1000;
const yearMs = 366 * 24 * 3600 * 1000;

export const methods: { readonly [M in MethodName]: Method<M> } = {
  'session.open': {
    summary: 'Must come first on every connection: the token from the file `api.token` in the data folder.',
    params: v.strictObject({ token: tokenField }),
    result: v.object({ version: v.string() }),
  },
  'session.pair': {
    summary:
      'For a browser, in the place of `session.open`: the code that `page.open` gave. Answers a token of its own, good for `session.open` until it is forgotten.',
    params: v.strictObject({ code: pairingCodeField, name: labelField }),
    result: v.object({ token: v.string(), version: v.string() }),
  },
  'account.create': {
    summary:
      'Makes the account of this data folder, or with `phrase` recovers the account that these words are.',
    params: v.strictObject({
      address: addressField,
      phrase: v.optional(phraseField),
      deviceName: v.optional(labelField),
      deviceLifetimeMs: v.optional(wholeNumber(hourMs, yearMs)),
    }),
    result: newAccountSchema,
  },
  'account.log': {
    summary: 'The account log in words: entries, devices, the newest entry.',
    params: nothing,
    result: accountLogSchema,
  },
  'account.rotateKey': {
    summary:
      'A new account key from a new recovery phrase, signed by the old one. The phrase is answered this once.',
    params: nothing,
    result: newAccountSchema,
  },
  'account.enterPhrase': {
    summary: 'The phrase that another device of the account has made with `account.rotateKey`.',
    params: v.strictObject({ phrase: phraseField }),
    result: accountLogSchema,
  },
  'account.move': {
    summary: 'The account has another address from now on. Contacts are told and follow.',
    params: v.strictObject({ address: addressField }),
    result: accountSchema,
  },
  'account.revokeDevice': {
    summary: 'Puts a device out of the account: by its name, or the beginning of its key.',
    params: v.strictObject({ device: labelField }),
    result: accountLogSchema,
  },
  'account.relays': {
    summary: 'Replaces the relays that keep mail for this account.',
    params: v.strictObject({
      relays: v.pipe(v.array(addressField), v.maxLength(16, 'must have at most 16')),
    }),
    result: done,
  },
  'account.proof': {
    summary:
      'What the domain of the address says about this account. `proof` puts in what its keeper has issued; an empty one shows none any more.',
    params: v.strictObject({ proof: v.optional(proofField) }),
    result: proofSchema,
  },
  'domains.list': {
    summary: 'Domains whose proofs were met here, and the key that is believed of each.',
    params: nothing,
    result: v.object({ domains: v.array(domainSchema) }),
  },
  'domains.check': {
    summary: 'Asks now what a domain publishes, and which accounts it proves for the address.',
    params: v.strictObject({ of: domainField }),
    result: domainCheckSchema,
  },
  'domains.trust': {
    summary: 'Takes the other key that a domain has now. `key` says which.',
    params: v.strictObject({ domain: domainField, key: domainKeyField }),
    result: domainSchema,
  },
  'invites.create': {
    summary: 'Makes an invite link. Whoever opens it becomes a contact.',
    params: v.strictObject({
      uses: v.optional(wholeNumber(1, usesMax)),
      expiresMs: v.optional(wholeNumber(1000, yearMs)),
      label: v.optional(labelField),
    }),
    result: inviteSchema,
  },
  'invites.list': {
    summary: 'All links of this account, the newest first, with what is left of each and whom it brought.',
    params: nothing,
    result: v.object({ invites: v.array(inviteSchema) }),
  },
  'invites.revoke': {
    summary:
      'Takes a link back: nobody comes by it any more without asking; those who have come stay. `id`: or as much of it as tells it from the others.',
    params: v.strictObject({ id: idField }),
    result: inviteSchema,
  },
  'invites.accept': {
    summary: 'Takes somebody’s invite link and introduces this account to them.',
    params: v.strictObject({ link: linkField }),
    result: contactSchema,
  },
  'contacts.add': {
    summary: 'Looks the address up in the directory and sends a contact request.',
    params: v.strictObject({
      address: addressField,
      message: v.optional(textField),
      fingerprint: v.optional(fingerprintField),
    }),
    result: contactSchema,
  },
  'contacts.list': {
    summary:
      'All contacts, requests and blocked ones included, those that are ignored left out; with `ignored` they alone.',
    params: v.strictObject({ ignored: v.optional(v.boolean('must be true or false')) }),
    result: v.object({ contacts: v.array(contactSchema) }),
  },
  'contacts.show': { summary: 'One contact.', params: aboutContact, result: contactSchema },
  'contacts.verify': {
    summary:
      'Compares a safety number, the spoken words or a scanned code (one of them) with ours and, when they are the same, records that.',
    params: v.pipe(
      v.strictObject({
        address: addressField,
        safetyNumber: v.optional(safetyNumberField),
        words: v.optional(wordsField),
        code: v.optional(codeField),
      }),
      v.check(
        ({ safetyNumber, words, code }) =>
          [safetyNumber, words, code].filter((shown) => shown !== undefined).length === 1,
        'must have one of safetyNumber, words and code',
      ),
    ),
    result: contactSchema,
  },
  'contacts.trust': {
    summary:
      'Decides for the account with this fingerprint: the one that is known, or another one that claims the address. `held`: whether texts that were held go to it; unless told, only to the account that they were written to.',
    params: v.strictObject({
      address: addressField,
      fingerprint: fingerprintField,
      held: v.optional(heldField),
    }),
    result: contactSchema,
  },
  'contacts.check': {
    summary:
      'Looks the address up now: takes what is new in the account log, notes other accounts that claim it.',
    params: aboutContact,
    result: contactSchema,
  },
  'contacts.verification': {
    summary:
      'What to compare with them: safety number, spoken words, the text of a QR code, and pictures of both keys, which prove nothing.',
    params: aboutContact,
    result: verificationSchema,
  },
  'vouches.give': {
    summary:
      'Signs that a contact whom the person verified is who they say. `to`: which contacts are told, or `all`; only they themselves unless told. It holds a year unless told.',
    params: v.strictObject({
      address: addressField,
      to: v.optional(
        v.union([v.literal('all'), v.pipe(v.array(addressField), v.maxLength(256, 'must have at most 256'))]),
      ),
      lifeMs: v.optional(wholeNumber(60_000, 2 * yearMs)),
    }),
    result: toldSchema,
  },
  'vouches.revoke': {
    summary: 'Takes it back from everybody who was told.',
    params: aboutContact,
    result: toldSchema,
  },
  'vouches.show': {
    summary:
      'Puts the word of a contact for this account into its claims, so that strangers who look it up see it. Without `from`: nobody’s.',
    params: v.strictObject({ from: v.optional(addressField) }),
    result: done,
  },
  'vouches.list': {
    summary: 'Vouches that the person gave, and those that contacts gave for the person.',
    params: nothing,
    result: vouchesSchema,
  },
  'vouches.depth': {
    summary:
      'How far vouches count: 0 not at all, 1 those of verified contacts, 2 also those of whom these vouch for.',
    params: v.strictObject({ depth: depthField }),
    result: done,
  },
  'contacts.accept': {
    summary: 'Accepts a contact request.',
    params: aboutContact,
    result: contactSchema,
  },
  'contacts.ignore': {
    summary:
      'A request disappears: nothing is answered, and what the same account sends later is dropped in silence.',
    params: aboutContact,
    result: contactSchema,
  },
  'contacts.unignore': { summary: 'It is a request again.', params: aboutContact, result: contactSchema },
  'contacts.block': { summary: 'Takes nothing more from them.', params: aboutContact, result: contactSchema },
  'contacts.policy': {
    summary:
      'How mail travels between this contact and us: `direct`, over the best path there is, or `relays-only`, so that they do not learn our IP address.',
    params: v.strictObject({ address: addressField, policy: policyField }),
    result: contactSchema,
  },
  'contacts.remove': { summary: 'Forgets the contact.', params: aboutContact, result: done },
  'messages.send': {
    summary:
      'Sends a text. Answers once it is on this disk; `receipt` events tell the rest. The same `idempotencyKey` sends once.',
    params: v.strictObject({ to: recipientField, text: textField, idempotencyKey: v.optional(keyField) }),
    result: messageSchema,
  },
  'messages.show': {
    summary: 'One message, or none.',
    params: v.strictObject({ id: idField }),
    result: v.object({ message: v.optional(messageSchema) }),
  },
  'messages.history': {
    summary: 'The newest messages of a conversation (of those before `before`), oldest first.',
    params: v.strictObject({
      to: recipientField,
      limit: v.optional(wholeNumber(1, historyMax)),
      before: v.optional(idField),
    }),
    result: v.object({ messages: v.array(messageSchema) }),
  },
  'conversations.list': {
    summary: 'Every conversation of accepted and asked contacts, the one with the newest message first.',
    params: nothing,
    result: v.object({ conversations: v.array(conversationSchema) }),
  },
  'conversations.read': {
    summary: 'The person has seen all that is in this conversation now. Nobody else is told.',
    params: v.strictObject({ to: recipientField }),
    result: done,
  },
  'events.subscribe': {
    summary:
      'Sends `event` notifications: those with ids above `since`, then new ones, in order. Without `since` only new ones.',
    params: v.strictObject({ since: v.optional(wholeNumber(0)) }),
    result: v.object({ subscription: v.number() }),
  },
  'events.unsubscribe': {
    summary: 'Ends a subscription.',
    params: v.strictObject({ subscription: wholeNumber(1) }),
    result: done,
  },
  'relay.backup': {
    summary:
      'Copies the mail that the role relay keeps, as it is at one moment, into a new folder of this machine; the relay goes on.',
    params: v.strictObject({ folder: folderField }),
    result: backupReportSchema,
  },
  'page.open': {
    summary:
      'Serves the page on a port of 127.0.0.1, from now on at each start, and answers where, with a code that pairs one browser.',
    params: nothing,
    result: pageAccessSchema,
  },
  'page.browsers': {
    summary: 'Browsers that were paired with this node.',
    params: nothing,
    result: v.object({ browsers: v.array(browserSchema) }),
  },
  'page.forget': {
    summary: 'Ends what the token of a browser is good for.',
    params: v.strictObject({ id: idField }),
    result: done,
  },
  'page.off': {
    summary: 'Serves the page no more.',
    params: nothing,
    result: done,
  },
  'node.status': {
    summary: 'Roles, addresses, peers and paths, directory, account.',
    params: nothing,
    result: nodeStatusSchema,
  },
  'node.stop': { summary: 'Stops the node after answering.', params: nothing, result: done },
};

export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}
