/** `mycelium domain init|issue|revoke|list` for who runs a domain; `accept|check|trust|known` for everybody. */
import type { Command } from 'commander';
import type * as Keeper from '../domain/keeper.ts';
import type { Issued, Listed, Published } from '../domain/keeper.ts';
import { UsageError } from '../failures.ts';
import { inertLine, inertText } from '../terminal/inert.ts';
import { timeText } from '../terminal/views.ts';
import { checkText, domainLine, proofText } from '../terminal/domain-views.ts';
import { withNode, type Bind, type Context } from './command.ts';
import { parseDuration } from './durations.ts';
import { passphraseOption, readDomainPassphrase, type PassphraseOptions } from './passphrase.ts';

const usualLifeMs = 90 * 86_400_000;

const append = (value: string, all: readonly string[] | undefined): readonly string[] => [
  ...(all ?? []),
  value,
];

export function addDomain(program: Command, bind: Bind): void {
  const domain = program
    .command('domain')
    .description('say who is who at a domain that you run, and check what others say');
  addInit(domain, bind);
  addIssue(domain, bind);
  addRevoke(domain, bind);
  bind(
    domain
      .command('list')
      .description('what this domain has signed, and what it publishes')
      .argument('[domain]'),
    async (context, [name]) => {
      const { listProofs } = await keeper();
      const listed = listProofs(context.data, name, Date.now());
      context.output.print(listed, () => listText(listed));
    },
  );
  addReaders(domain, bind);
}

/** Loaded only by who needs it: it brings cryptography along. */
const keeper = (): Promise<typeof Keeper> => import('../domain/keeper.ts');

interface InitOptions extends PassphraseOptions {
  readonly self?: true;
  readonly relay?: readonly string[];
  readonly directory?: readonly string[];
}

function addInit(parent: Command, bind: Bind): void {
  const command = parent
    .command('init')
    .description('make the key of a domain, and say what to publish')
    .argument('[domain]')
    .option('--self', 'a domain that is its own key, KEY.mycelium: nothing to publish')
    .option(
      '--relay <addr>',
      'KEY@HOST:PORT of a relay of the organisation, for the record (repeatable)',
      append,
    )
    .option(
      '--directory <addr>',
      'KEY@HOST:PORT of a directory node of it, for the record (repeatable)',
      append,
    )
    .option(...passphraseOption);
  bind<InitOptions>(command, async (context, [domain], options) => {
    if ((domain === undefined) !== (options.self === true))
      throw new UsageError('Name a domain, as in "domain init example.com", or say --self.');
    const { initDomain } = await keeper();
    const made = initDomain(context.data, {
      domain,
      passphrase: await readDomainPassphrase(context, options, 'choose'),
      relays: options.relay ?? [],
      directory: options.directory ?? [],
    });
    context.output.print(made, () => `${domainText(made)}\n\n${publishText(made)}`);
  });
}

interface IssueOptions extends PassphraseOptions {
  readonly key: string;
  readonly until: number;
}

function addIssue(parent: Command, bind: Bind): void {
  const command = parent
    .command('issue')
    .description('sign that a name of the domain is an account')
    .argument('<name>', 'alice, or alice@example.com')
    .requiredOption('--key <fingerprint>', 'of the account, as its owner reads it to you from "status"')
    .option('--until <time>', 'for how long: 90d, 26w', parseDuration, usualLifeMs)
    .option(...passphraseOption);
  bind<IssueOptions>(command, async (context, [name = ''], options) => {
    const { issueProof } = await keeper();
    const issued = await issueProof(context.data, {
      name,
      fingerprint: options.key,
      lifeMs: options.until,
      nowMs: Date.now(),
      passphrase: () => opening(context, options),
    });
    context.output.print(issued, () => issuedText(issued));
  });
}

function addRevoke(parent: Command, bind: Bind): void {
  const command = parent
    .command('revoke')
    .description('take back what was signed for a name')
    .argument('<name>')
    .option(...passphraseOption);
  bind<PassphraseOptions>(command, async (context, [name = ''], options) => {
    const { revokeProofs } = await keeper();
    const passphrase = (): Promise<string> => opening(context, options);
    const revoked = await revokeProofs(context.data, { name, nowMs: Date.now(), passphrase });
    context.output.print(revoked, () => {
      const numbers = revoked.serials.join(', ');
      const end = timeText(revoked.until);
      const where =
        revoked.txt === undefined
          ? `A domain that is its own key publishes nothing: the proof is believed until it runs out (${end}).`
          : `Nobody knows before you publish this. Then readers take it in within a day; who cannot look believes the proof until it runs out (${end}).\n\n${publishText(revoked)}`;
      return `${inertLine(revoked.address)}: proof ${numbers} is revoked.\n${where}`;
    });
  });
}

async function opening(context: Context, options: PassphraseOptions): Promise<string> {
  return (await readDomainPassphrase(context, options, 'open')) ?? '';
}

function domainText({ domain, key, kept }: Published): string {
  return `The key of ${inertLine(domain)} is ${key}.\nIt is kept in ${inertLine(kept)}: whoever has it can say who is who at this domain. Keep a copy where nobody else gets.`;
}

function publishText({ zone, path, file }: Published): string {
  if (zone === undefined) return 'There is nothing to publish: the domain is its key.';
  return [
    'Publish this in DNS:',
    '',
    zone,
    '',
    `or, where you cannot change DNS, this file at ${path}:`,
    '',
    (file ?? '').trimEnd(),
  ].join('\n');
}

function issuedText({ address, proof, until, serial }: Issued): string {
  return [
    `Proof ${serial}, until ${timeText(until)}. The owner of ${inertLine(address)} runs:`,
    '',
    `    mycelium domain accept ${proof}`,
  ].join('\n');
}

function listText(listed: Listed): string {
  const lines = listed.proofs.map(
    ({ name, serial, until, state, fingerprint }) =>
      `${inertLine(name)}  proof ${serial}, ${state}, until ${timeText(until)}  ${inertLine(fingerprint)}`,
  );
  return [
    domainText(listed),
    '',
    ...(lines.length === 0 ? ['Nothing signed yet.'] : lines),
    '',
    publishText(listed),
  ].join('\n');
}

interface TrustOptions {
  readonly key: string;
}

/** Through the node: it asks as contacts' nodes ask. */
function addReaders(parent: Command, bind: Bind): void {
  const accept = parent
    .command('accept')
    .description('put in what the keeper of your domain has signed for you')
    .argument('[proof]', 'mycelium:proof/…; without it, says which one you have')
    .option('--remove', 'show none any more');
  bind<{ readonly remove?: true }>(accept, (context, [proof], { remove }) =>
    withNode(context, async (node) => {
      const given = remove === true ? '' : proof;
      const shown = await node.call('account.proof', { proof: given });
      context.output.print(shown, () => proofText(shown));
    }),
  );
  bind(
    parent
      .command('check')
      .description('what the world sees of an address or a domain')
      .argument('<address>'),
    (context, [of = '']) =>
      withNode(context, async (node) => {
        const check = await node.call('domains.check', { of });
        context.output.print(check, () => checkText(check));
      }),
  );
  const trust = parent
    .command('trust')
    .description('take the other key that a domain has now, after asking who runs it')
    .argument('<domain>')
    .requiredOption('--key <key>', 'the new key, as they read it to you');
  bind<TrustOptions>(trust, (context, [domain = ''], { key }) =>
    withNode(context, async (node) => {
      const changed = await node.call('domains.trust', { domain, key });
      context.output.print(changed, () => inertText(domainLine(changed)));
    }),
  );
  bind(parent.command('known').description('domains whose proofs your contacts show'), (context) =>
    withNode(context, async (node) => {
      const { domains } = await node.call('domains.list', {});
      for (const one of domains) context.output.print(one, () => domainLine(one));
      if (domains.length === 0) context.output.say('No contact has shown a proof by a domain yet.');
    }),
  );
}
