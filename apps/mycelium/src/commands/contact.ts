/** `mycelium contact add|list|show|verify|trust|check|accept|ignore|unignore|block|policy|remove`. */
import { Argument, Option, type Command } from 'commander';
import { ApiError, type Contact, type HeldTexts, type MethodName, type PathPolicy } from '@mycelium/api';
import { FailedError } from '../failures.ts';
import { hasColour } from '../terminal/colour.ts';
import { inertLine } from '../terminal/inert.ts';
import { pictureLines } from '../terminal/picture.ts';
import { contactLine, contactText } from '../terminal/views.ts';
import { withNode, type Bind, type Context } from './command.ts';
import { addContactVerify } from './contact-verify.ts';

export function addContact(program: Command, bind: Bind): void {
  const contact = program.command('contact').description('people you know, and requests');
  addAdd(contact, bind);
  bind<{ readonly ignored?: boolean }>(
    contact.command('list').description('all of them').option('--ignored', 'those whom you ignore'),
    (context, _, { ignored }) => list(context, ignored === true),
  );
  addShow(contact, bind);
  addContactVerify(contact, bind);
  addTrust(contact, bind);
  about(
    contact,
    bind,
    ['check', 'look their address up now: is it still the same account?'],
    'contacts.check',
  );
  about(contact, bind, ['accept', 'accept their request'], 'contacts.accept');
  about(
    contact,
    bind,
    ['ignore', 'let their request disappear, and all that they send later, with no answer'],
    'contacts.ignore',
  );
  about(contact, bind, ['unignore', 'have their request back'], 'contacts.unignore');
  about(contact, bind, ['block', 'take nothing more from them'], 'contacts.block');
  addPolicy(contact, bind);
  bind(
    contact.command('remove').description('forget them').argument('<address>'),
    (context, [address = '']) =>
      withNode(context, async (node) => {
        await node.call('contacts.remove', { address });
        context.output.print({ address, removed: true }, () => `${inertLine(address)} is forgotten.`);
      }),
  );
}

function show(context: Context, contact: Contact): void {
  context.output.print(contact, () => contactText(contact));
}

type AboutOne = Extract<
  MethodName,
  'contacts.check' | 'contacts.accept' | 'contacts.ignore' | 'contacts.unignore' | 'contacts.block'
>;

function about(
  parent: Command,
  bind: Bind,
  [name, description]: readonly [string, string],
  method: AboutOne,
): void {
  bind(parent.command(name).description(description).argument('<address>'), (context, [address = '']) =>
    withNode(context, async (node) => show(context, await node.call(method, { address }))),
  );
}

/** At a terminal with the picture of their key. */
function addShow(parent: Command, bind: Bind): void {
  const command = parent
    .command('show')
    .description('how far to trust them and why, the safety number, and the picture of their key')
    .argument('<address>');
  bind(command, (context, [address = '']) =>
    withNode(context, async (node) => {
      const contact = await node.call('contacts.show', { address });
      const { terminal, output } = context;
      if (output.json || terminal.output.isTTY !== true) return show(context, contact);
      const { picture } = await node.call('contacts.verification', { address });
      const lines = pictureLines([{ caption: '  picture of their key:', picture }], hasColour(terminal));
      output.print(contact, [contactText(contact), ...lines].join('\n'));
    }),
  );
}

interface AddOptions {
  readonly message?: string;
  readonly fingerprint?: string;
}

function addAdd(parent: Command, bind: Bind): void {
  const command = parent
    .command('add')
    .description('look an address up and ask to be their contact')
    .argument('<address>')
    .option('--message <text>', 'a greeting that goes with the request')
    .option('--fingerprint <words>', 'which account, where the directory knows several of this address');
  bind<AddOptions>(command, (context, [address = ''], { message, fingerprint }) =>
    withNode(context, async (node) => {
      try {
        show(context, await node.call('contacts.add', { address, message, fingerprint }));
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 'not-found') throw error;
        const { directoryNodes } = await node.call('node.status', {});
        const alone =
          directoryNodes === 0
            ? ' This node knows no other directory node: name one with --bootstrap when you start it.'
            : '';
        throw new FailedError(error.code, `${address}: ${error.message}${alone}`, { cause: error });
      }
    }),
  );
}

interface TrustOptions {
  readonly fingerprint: string;
  readonly held?: HeldTexts;
}

function addTrust(parent: Command, bind: Bind): void {
  const command = parent
    .command('trust')
    .description('choose between accounts that claim their address')
    .argument('<address>')
    .requiredOption(
      '--fingerprint <words>',
      'of the account that is theirs: the one that you know, or another one',
    )
    .addOption(
      new Option('--held <what>', 'texts that were held: send them to it, or drop them').choices([
        'send',
        'drop',
      ]),
    );
  bind<TrustOptions>(command, (context, [address = ''], { fingerprint, held }) =>
    withNode(context, async (node) =>
      show(context, await node.call('contacts.trust', { address, fingerprint, held })),
    ),
  );
}

function addPolicy(parent: Command, bind: Bind): void {
  const command = parent
    .command('policy')
    .description('how mail travels: direct, or relays-only, which hides your IP address from them')
    .argument('<address>')
    .addArgument(new Argument('<policy>').choices(['direct', 'relays-only']));
  bind(command, (context, [address = '', policy]) =>
    withNode(context, async (node) =>
      show(context, await node.call('contacts.policy', { address, policy: policy as PathPolicy })),
    ),
  );
}

async function list(context: Context, ignored: boolean): Promise<void> {
  await withNode(context, async (node) => {
    const { contacts } = await node.call('contacts.list', ignored ? { ignored } : {});
    for (const contact of contacts) context.output.print(contact, () => contactLine(contact));
    if (contacts.length > 0) return;
    if (ignored) context.output.say('You ignore nobody.');
    else context.output.say(`Nobody yet. Make a link for somebody: ${context.typed('invite')}`);
  });
}
