/** `mycelium send TO TEXT [--wait stored|delivered]`: ends well once the message is on this disk, or further. */
import { randomUUID } from 'node:crypto';
import { Option, type Command } from 'commander';
import { textLengthMax, type ApiEvent, type Message, type MessageState } from '@mycelium/api';
import type { Connection } from '../connection.ts';
import { FailedError, UsageError } from '../failures.ts';
import { inertLine } from '../terminal/inert.ts';
import { readInput } from '../terminal/terminal.ts';
import { stateMark } from '../terminal/views.ts';
import { withNode, type Bind, type Context } from './command.ts';
import { parseSeconds } from './durations.ts';

interface Options {
  readonly wait?: 'stored' | 'delivered';
  readonly timeout: number;
}

/** How far a message has come. */
const steps: readonly MessageState[] = ['queued', 'stored', 'delivered', 'read'];

export function addSend(program: Command, bind: Bind): void {
  const command = program
    .command('send')
    .description('send a text')
    .argument('<to>', 'address, label or conversation id')
    .argument('<text>', 'the text; - takes it from standard input')
    .addOption(
      new Option('--wait <state>', 'wait until relays or the recipient have it, or the recipient').choices([
        'stored',
        'delivered',
      ]),
    )
    .addOption(
      new Option('--timeout <seconds>', 'how long to wait').argParser(parseSeconds).default(60_000, '60'),
    );
  bind<Options>(command, send);
}

async function send(
  context: Context,
  [to = '', given = '']: readonly string[],
  options: Options,
): Promise<void> {
  const text =
    given === '-' ? (await readInput(context.terminal, textLengthMax + 2)).replace(/\r?\n$/, '') : given;
  if (text === '') throw new UsageError('TEXT: there is nothing to send.');
  await withNode(context, async (node) => {
    const { message, state } = await sendAndWait(node, { to, text }, options);
    const { id, conversation } = message;
    context.output.print({ id, conversation, state }, () => `${stateMark(state)} ${state}  ${inertLine(id)}`);
  });
}

async function sendAndWait(
  node: Connection,
  wish: { readonly to: string; readonly text: string },
  { wait, timeout }: Options,
): Promise<{ readonly message: Message; readonly state: MessageState }> {
  const seen = new Map<string, MessageState>();
  let check: (event: ApiEvent) => void = () => undefined;
  node.onEvent((event) => {
    if (event.event !== 'receipt') return;
    seen.set(event.id, event.state);
    check(event);
  });
  // Before sending, so that no receipt is missed.
  if (wait !== undefined) await node.call('events.subscribe', {});
  const message = await node.call('messages.send', { ...wish, idempotencyKey: randomUUID() });
  if (wait === undefined) return { message, state: message.state };
  const state = await new Promise<MessageState>((resolve, reject) => {
    const timer = setTimeout(() => {
      const now = seen.get(message.id) ?? message.state;
      reject(
        new FailedError(
          'timeout',
          `It is not ${wait} after ${timeout / 1000} s, only ${now}. The node goes on trying; the message is ${message.id}.`,
        ),
      );
    }, timeout);
    check = () => {
      const now = seen.get(message.id) ?? message.state;
      if (now !== 'failed' && now !== 'held' && steps.indexOf(now) < steps.indexOf(wait)) return;
      clearTimeout(timer);
      if (now === 'held')
        return reject(
          new FailedError(
            'held',
            `The message ${message.id} is held: another account claims this address. See: mycelium contact show ${wish.to}`,
          ),
        );
      if (now === 'failed')
        return reject(
          new FailedError('send-failed', `The message ${message.id} was refused and will not be delivered.`),
        );
      return resolve(now);
    };
    check({} as ApiEvent);
    void node.ended.then((reason) => {
      clearTimeout(timer);
      reject(
        new FailedError(
          'node-stopped',
          `While waiting, ${reason}. The message is safe and goes out when it runs again.`,
        ),
      );
    });
  });
  return { message, state };
}
