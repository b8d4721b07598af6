/** `mycelium up`: runs the node in the foreground until it is told to stop. */
import path from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Role } from '@mycelium/api';
import { connect } from '../connection.ts';
import { FailedError, UsageError } from '../failures.ts';
import type { StoreDurability } from '../relay/settings.ts';
import { storeUrl, type StorePlace } from '../relay/store-url.ts';
import { inertLine } from '../terminal/inert.ts';
import { ask, isAttended } from '../terminal/terminal.ts';
import { newAccountText } from './account-texts.ts';
import type { Bind, Context, RunningNode, WebSocketWish } from './command.ts';
import { untilInterrupted } from './interrupt.ts';
import { findPassphrase, passphraseOption, type PassphraseOptions } from './passphrase.ts';

interface Options extends PassphraseOptions {
  readonly roles: readonly Role[];
  readonly listen?: readonly string[];
  readonly bootstrap?: readonly string[];
  readonly relay?: readonly string[];
  readonly store?: StorePlace;
  readonly storeDurability?: StoreDurability;
  readonly config?: string;
  readonly apiPort?: number;
  readonly mdns: boolean;
  readonly domainLookup?: string;
  readonly resolver?: string;
  readonly websocket?: string;
  readonly certificate?: string;
  readonly key?: string;
}

const allRoles: readonly Role[] = ['user', 'relay', 'directory'];

function parseRoles(text: string): readonly Role[] {
  const named = text.split(',').map((name) => name.trim());
  const known = allRoles.filter((role) => named.includes(role));
  if (known.length === 0 || named.some((name) => !allRoles.some((role) => role === name))) {
    throw new InvalidArgumentError('It is one or more of user, relay and directory, with commas between.');
  }
  return known;
}

function parseStore(url: string): StorePlace {
  const place = storeUrl.read(url);
  if (place === undefined) throw new InvalidArgumentError(`It is ${storeUrl.allowed}.`);
  return place;
}

/** Browsers leave a well-known port out of the Host header, which has to name it here. */
function parseApiPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port === 0 || (port >= 1024 && port <= 65_535)) return port;
  throw new InvalidArgumentError('It is a port from 1024 to 65535, or 0 for any free one.');
}

const append = (value: string, all: readonly string[] | undefined): readonly string[] => [
  ...(all ?? []),
  value,
];

export function addUp(program: Command, bind: Bind): void {
  const command = program
    .command('up')
    .description('run the node here, until Ctrl-C')
    .addOption(
      new Option('--roles <list>', 'what it does for you and others')
        .argParser(parseRoles)
        .default(allRoles, allRoles.join(',')),
    )
    .option(
      '--listen <addr>',
      'HOST:PORT to be reached at (repeatable); 127.0.0.1:0 keeps it on this machine',
      append,
    )
    .option(
      '--bootstrap <addr>',
      'a directory node to begin with, or dns:DOMAIN for those that a domain names (repeatable)',
      append,
    )
    .option('--relay <addr>', 'a relay to keep your mail (repeatable)', append)
    .option('--store <url>', `where the role relay keeps mail: ${storeUrl.allowed}`, parseStore)
    .addOption(
      new Option(
        '--store-durability <promise>',
        'replicated: take a NATS that answers before mail is on disk; clients are told, and do not count it as stored',
      ).choices(['synced', 'replicated']),
    )
    .option('--no-mdns', 'do not announce this node on the networks around it, nor look for others there')
    .option(
      '--domain-lookup <how>',
      'who is asked what a domain says: off, dns (unless told), dns,https or dns,https,private; also MYCELIUM_DOMAIN_LOOKUP',
    )
    .option('--resolver <addr>', 'the DNS server to ask: its IP address, or https://… (DNS over HTTPS)')
    .option(
      '--websocket <addr>',
      'HOST:PORT to be reached at by WebSocket too, where nothing else gets through',
    )
    .option('--certificate <file>', 'PEM certificate for --websocket: then it is wss, inside TLS')
    .option('--key <file>', 'PEM private key of the certificate')
    .option('--config <file>', 'what the operator of the role relay decides, TOML: see docs/relay.md')
    .option('--api-port <n>', 'the API over WebSocket too, on this port of 127.0.0.1 (0: any)', parseApiPort)
    .option(...passphraseOption);
  bind<Options>(command, up);
}

async function up(context: Context, _: readonly string[], options: Options): Promise<void> {
  if (options.config !== undefined && !options.roles.includes('relay'))
    throw new UsageError('--config: it is for the role relay, which --roles leaves out.');
  // From the first moment, so that a signal while starting also stops cleanly. Who has a configuration reloads it instead.
  const interruption = untilInterrupted({ hangUpToo: options.config === undefined });
  const passphrase = options.roles.includes('user') ? await findPassphrase(context, options) : undefined;
  const daemon = await context.daemon();
  const node = await daemon.start({
    data: context.data,
    roles: options.roles,
    listen: options.listen ?? [],
    bootstrap: options.bootstrap ?? [],
    relays: options.relay ?? [],
    relayStore: options.store,
    storeDurability: options.storeDurability,
    config: options.config === undefined ? undefined : path.resolve(options.config),
    apiPort: options.apiPort,
    mdns: options.mdns,
    domainLookup: options.domainLookup ?? context.terminal.env['MYCELIUM_DOMAIN_LOOKUP'],
    resolver: options.resolver,
    websocket: webSocketWish(options),
    passphrase,
  });
  const reload = (): void => node.reload();
  if (options.config !== undefined) process.on('SIGHUP', reload);
  try {
    const { addresses, api, websocket, metrics } = node;
    const ready = {
      event: 'ready',
      addresses,
      api,
      ...(websocket === undefined ? {} : { websocket }),
      ...(metrics === undefined ? {} : { metrics }),
    };
    context.output.print(ready, () => readyText(context, node));
    if (options.roles.includes('user')) void (node.hasAccount ? greet(context) : welcome(context));
    await Promise.race([interruption.happened, node.stopped]);
  } finally {
    interruption.forget();
    process.off('SIGHUP', reload);
    await node.stop();
  }
}

function webSocketWish({ websocket, certificate, key }: Options): WebSocketWish | undefined {
  if (websocket !== undefined) return { listen: websocket, certificate, key };
  if (certificate === undefined && key === undefined) return undefined;
  throw new UsageError('--certificate and --key are for --websocket HOST:PORT, which is missing.');
}

function readyText(context: Context, node: RunningNode): string {
  const reached = node.addresses.map((address) => `  reached at ${address}`);
  const websocket = node.websocket === undefined ? [] : [`  API at ${node.websocket}`];
  const lines = [
    'Mycelium runs. Ctrl-C stops it.',
    `  data folder ${context.data}`,
    ...reached,
    ...websocket,
    ...(node.metrics === undefined ? [] : [`  metrics at ${node.metrics}`]),
  ];
  return lines.join('\n');
}

function waiting(context: Context): string {
  return `This node waits for: ${context.typed('init ADDRESS')}`;
}

function nextText(context: Context): string {
  return [
    'This window stays with the node. In another one, in this folder:',
    `    ${context.typed('chat ADDRESS')}     talk with a contact`,
    `    ${context.typed('accept LINK')}      use the link of a friend`,
    `    ${context.typed('invite')}           make another link`,
    `    ${context.typed('help')}             everything else`,
  ].join('\n');
}

/** With an account: says whose node it is. Without a terminal nobody asks. */
async function greet(context: Context): Promise<void> {
  const { output, terminal } = context;
  if (!isAttended(terminal) || output.json) return;
  const node = await connect(context.data);
  if (node === undefined) return;
  try {
    const { account } = await node.call('node.status', {});
    if (account === undefined) return;
    output.say(`\nYou are ${inertLine(account.address)}.\n${nextText(context)}`);
  } catch {
    // The node stops already.
  } finally {
    node.close();
  }
}

/** Without an account: asks a person for one, and tells what to do next. */
async function welcome(context: Context): Promise<void> {
  const { output, terminal } = context;
  if (!isAttended(terminal) || output.json) {
    output.note(`There is no account here yet. ${waiting(context)}`);
    return;
  }
  const node = await connect(context.data);
  if (node === undefined) return;
  try {
    output.say('\nThere is no account here yet. Choose an address, like an e-mail address: name@domain.');
    for (;;) {
      const address = await ask(terminal, 'Your address: ');
      if (address === '') continue;
      try {
        output.say(`\n${newAccountText(await node.call('account.create', { address }), false)}`);
        break;
      } catch (error) {
        output.note(error instanceof Error ? error.message : 'That did not work.');
      }
    }
    const invite = await node.call('invites.create', {});
    output.say(
      [
        'Send this link to a friend. It is for one person, who gives it to: mycelium accept LINK',
        '',
        `    ${invite.link}`,
        '',
        nextText(context),
      ].join('\n'),
    );
  } catch (error) {
    if (error instanceof FailedError && error.code === 'interrupted') return;
    output.note(error instanceof Error ? error.message : 'That did not work.');
    if (error instanceof FailedError && error.code === 'cancelled') output.note(waiting(context));
  } finally {
    node.close();
  }
}
