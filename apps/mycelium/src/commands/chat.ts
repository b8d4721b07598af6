/** `mycelium chat TO`: a conversation on the screen, with messages and their states as they come. */
import { createInterface, type Interface } from 'node:readline';
import type { Command } from 'commander';
import type { ApiEvent, Message, MessageState } from '@mycelium/api';
import type { Connection } from '../connection.ts';
import { UsageError } from '../failures.ts';
import { inertLine } from '../terminal/inert.ts';
import { eventLine, messageLine, stateMark } from '../terminal/views.ts';
import { withNode, type Bind, type Context } from './command.ts';

export function addChat(program: Command, bind: Bind): void {
  const command = program
    .command('chat')
    .description('talk, on one screen; Ctrl-D leaves')
    .argument('<to>', 'address, label or conversation id');
  bind(command, (context, [to = '']) => withNode(context, (node) => chat(context, node, to)));
}

async function chat(context: Context, node: Connection, to: string): Promise<void> {
  if (context.output.json) throw new UsageError('chat is a screen for people; programs use listen and send.');
  const { input, output } = context.terminal;
  const conversation = await conversationOf(node, to);
  const screen = new Screen(
    createInterface({ input, output, prompt: '> ', terminal: output.isTTY === true }),
    (line) => output.write(`${line}\n`),
  );
  node.onEvent((event) => {
    if (!('conversation' in event) || event.conversation === conversation) screen.take(event);
  });
  const { messages } = await node.call('messages.history', { to, limit: 30 });
  for (const message of messages) screen.show(message);
  await node.call('events.subscribe', {});
  screen.print(`Talking with ${inertLine(to)}. Enter sends, Ctrl-D leaves.`);
  await screen.read(node, to);
}

async function conversationOf(node: Connection, to: string): Promise<string> {
  const { contacts } = await node.call('contacts.list', {});
  const found = contacts.find(({ address, label, conversation }) =>
    [address, label, conversation].includes(to),
  );
  return found?.conversation ?? to;
}

class Screen {
  readonly #lines: Interface;
  readonly #write: (line: string) => void;
  /** Own messages by id, as far as they have come; so that a state can be shown with the words that it is about. */
  readonly #own = new Map<string, string>();
  readonly #early = new Map<string, MessageState>();
  readonly #shown = new Set<string>();

  constructor(lines: Interface, write: (line: string) => void) {
    this.#lines = lines;
    this.#write = write;
  }

  /** Above the line that is being written. */
  print(line: string): void {
    if (this.#lines.terminal) this.#write(this.#inPlaceOfPrompt(line));
    else this.#write(line);
    this.#lines.prompt(true);
  }

  /**
   * What is being written may take several rows. Drawn anew, readline knows how many; the line goes where they begin, and
   * as many empty rows follow, because that far up readline draws next.
   */
  #inPlaceOfPrompt(line: string): string {
    this.#lines.prompt(true);
    const { rows } = this.#lines.getCursorPos();
    const up = rows > 0 ? `\u001b[${rows}A` : '';
    return `${up}\r\u001b[J${line}${'\n'.repeat(rows)}`;
  }

  show(message: Message): void {
    this.#shown.add(message.id);
    if (message.state !== 'received') this.#own.set(message.id, message.text);
    this.print(messageLine(message));
  }

  take(event: ApiEvent): void {
    if (event.event === 'receipt') return this.#takeReceipt(event);
    if (event.event === 'message') {
      if (this.#shown.has(event.id)) return;
      this.#shown.add(event.id);
    }
    this.print(eventLine(event));
  }

  /** The receipt may be here before the answer to our own call; then it waits for that. */
  #takeReceipt({ id, state }: { readonly id: string; readonly state: MessageState }): void {
    const text = this.#own.get(id);
    if (text === undefined) this.#early.set(id, state);
    else
      this.print(`    ${stateMark(state)} ${inertLine(text.length > 40 ? `${text.slice(0, 40)}…` : text)}`);
  }

  async read(node: Connection, to: string): Promise<void> {
    const left = new Promise<string>((resolve) => this.#lines.once('close', () => resolve('')));
    let sending: Promise<void> = Promise.resolve();
    this.#lines.on('SIGINT', () => this.#lines.close());
    this.#lines.on('line', (text) => {
      if (text.trim() !== '') sending = sending.then(() => this.#send(node, to, text)); // one after the other, in order
      this.#lines.prompt();
    });
    const reason = await Promise.race([left, node.ended]);
    await sending;
    this.#lines.close();
    this.#write(reason === '' ? '' : `The conversation ends here: ${reason}.`);
  }

  async #send(node: Connection, to: string, text: string): Promise<void> {
    try {
      const message = await node.call('messages.send', { to, text });
      this.#shown.add(message.id);
      this.#own.set(message.id, message.text);
      const early = this.#early.get(message.id);
      this.#early.clear();
      if (early !== undefined) this.#takeReceipt({ id: message.id, state: early });
    } catch (error) {
      this.print(`    ✗ not sent: ${error instanceof Error ? inertLine(error.message) : 'no reason given'}`);
    }
  }
}
