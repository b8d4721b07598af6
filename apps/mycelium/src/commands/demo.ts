/** `mycelium demo`: Alice, Bob and a relay as processes of their own on this machine, and a conversation happening. */
import type { Command } from 'commander';
import { inertText } from '../terminal/inert.ts';
import type { Bind, Context } from './command.ts';
import { DemoWorld, type DemoNode } from './demo-world.ts';
import { untilInterrupted } from './interrupt.ts';

const alice = 'alice@example.com';
const bob = 'bob@example.com';
const waiting = 'The relay keeps this until you are back.';

export function addDemo(program: Command, bind: Bind): void {
  bind(
    program
      .command('demo')
      .description('watch Alice, Bob and a relay on this machine; leaves nothing behind'),
    demo,
  );
}

async function demo(context: Context): Promise<void> {
  const world = new DemoWorld();
  const interruption = untilInterrupted();
  const tell = (text: string): void => context.output.print({ event: 'demo', text }, inertText(text));
  try {
    await Promise.race([play(world, tell), interruption.happened]);
  } finally {
    await world.end();
    interruption.forget();
  }
  tell('Everything is stopped, and the temporary folder is gone.');
}

type Tell = (text: string) => void;

async function play(world: DemoWorld, tell: Tell): Promise<void> {
  tell('A relay starts. It will keep sealed mail and learn nothing else.');
  const relay = await world.up('relay', '--roles', 'relay,directory');
  tell(`  reached at ${relay.address}`);
  const start = (name: string): Promise<DemoNode> =>
    world.up(name, '--roles', 'user', '--relay', relay.address, '--bootstrap', relay.address);

  tell('Alice and Bob make their accounts, each on a device of their own.');
  for (const [name, address] of [
    ['alice', alice],
    ['bob', bob],
  ] as const) {
    const [account] = await world.run(name, 'init', address);
    tell(`  ${address}: fingerprint ${String(account?.['fingerprint'])}`);
  }
  await start('alice');
  const bobs = await start('bob');

  tell('Alice makes an invite link, and Bob opens it.');
  const [invite] = await world.run('alice', 'invite', '--uses', '1');
  const [contact] = await world.run('bob', 'accept', String(invite?.['link']));
  tell(
    `  Bob has ${String(contact?.['address'])} as a contact; safety number ${String(contact?.['safetyNumber'])}`,
  );

  await say(world, tell, {
    name: 'bob',
    text: 'Hello Alice! Nobody between us can read this.',
    wait: 'delivered',
  });
  await say(world, tell, {
    name: 'alice',
    text: 'Hello Bob. And nobody runs a server for it.',
    wait: 'delivered',
  });

  tell('Bob’s device goes offline.');
  await bobs.stop();
  await say(world, tell, { name: 'alice', text: 'Are you there?', wait: 'stored' });
  await say(world, tell, { name: 'alice', text: waiting, wait: 'stored' });

  tell('Bob’s device comes back.');
  await start('bob');
  await world.untilPrinted('bob', waiting, 'history', alice);
  await say(world, tell, { name: 'bob', text: 'Here I am again.', wait: 'delivered' });
  tell('What Bob sees:');
  for (const message of await world.run('bob', 'history', alice)) {
    tell(`  ${String(message['from'])}: ${String(message['text'])}`);
  }
}

interface Saying {
  readonly name: 'alice' | 'bob';
  readonly text: string;
  readonly wait: 'stored' | 'delivered';
}

async function say(world: DemoWorld, tell: Tell, { name, text, wait }: Saying): Promise<void> {
  const to = name === 'alice' ? bob : alice;
  const [sent] = await world.run(name, 'send', to, text, '--wait', wait, '--timeout', '30');
  const mark = sent?.['state'] === 'stored' ? '✓ stored at the relay' : '✓✓ delivered';
  tell(`  ${name === 'alice' ? alice : bob}: ${text}   ${mark}`);
}
