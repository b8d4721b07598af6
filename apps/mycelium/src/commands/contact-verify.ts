/** `mycelium contact verify`: what two people compare, and the comparison. */
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Verification } from '@mycelium/api';
import { UsageError } from '../failures.ts';
import { hasColour } from '../terminal/colour.ts';
import { inertLine } from '../terminal/inert.ts';
import { pictureLines } from '../terminal/picture.ts';
import { qrLines, qrSvg } from '../terminal/qr.ts';
import { readInput } from '../terminal/terminal.ts';
import { contactText } from '../terminal/views.ts';
import { withNode, type Bind, type Context } from './command.ts';

interface VerifyOptions {
  readonly number?: string;
  readonly words?: string;
  readonly qr?: string;
  readonly pictureSvg?: string;
  readonly qrSvg?: string;
}

const codeLengthMax = 512;

export function addContactVerify(parent: Command, bind: Bind): void {
  const command = parent
    .command('verify')
    .description(
      'show what to compare with them; with what they show, compare it and record that it is the same',
    )
    .argument('<address>')
    .option('--number <digits>', 'the safety number as they read it to you')
    .option('--words <words>', 'the spoken words as they read them to you')
    .option('--qr <text>', 'what their QR code says: "mycelium:verify/…", or - for standard input')
    .option('--picture-svg <file>', 'write the picture of their key to this file')
    .option('--qr-svg <file>', 'write the QR code for them to this file');
  bind<VerifyOptions>(command, async (context, [address = ''], options) => {
    const { number, words, qr } = options;
    const shown = [number, words, qr].filter((one) => one !== undefined);
    if (shown.length > 1) throw new UsageError('--number, --words and --qr: give one of them.');
    if (shown.length === 0) return showVerification(context, address, options);
    const code = qr === '-' ? (await readInput(context.terminal, codeLengthMax)).trim() : qr;
    await withNode(context, async (node) => {
      const params = { address, safetyNumber: number, words, code };
      const contact = await node.call('contacts.verify', params);
      context.output.print(contact, () => contactText(contact));
    });
  });
}

async function showVerification(context: Context, address: string, options: VerifyOptions): Promise<void> {
  await withNode(context, async (node) => {
    const verification = await node.call('contacts.verification', { address });
    const { trust, trustReason } = await node.call('contacts.show', { address });
    if (options.pictureSvg !== undefined) writeFileSync(options.pictureSvg, `${verification.picture.svg}\n`);
    if (options.qrSvg !== undefined) writeFileSync(options.qrSvg, qrSvg(verification.code));
    context.output.print({ ...verification, trust, trustReason }, () =>
      verificationText(context, verification, `${trust}: ${inertLine(trustReason)}`),
    );
  });
}

function verificationText(context: Context, verification: Verification, now: string): string {
  const { terminal } = context;
  const address = inertLine(verification.address);
  const [digits, words] = [inHalves(verification.safetyNumber), inHalves(verification.words)];
  return [
    `Compare with ${address}, in person or on a call on which you know their voice. Both of you should have the same:`,
    '',
    `  safety number:  ${digits[0]}`,
    `                  ${digits[1]}`,
    `  spoken words:   ${words[0]}`,
    `                  ${words[1]}`,
    '',
    '  They scan this code, or you scan theirs:',
    ...(terminal.output.isTTY === true ? qrLines(verification.code, hasColour(terminal)) : []),
    `  ${verification.code}`,
    '',
    ...pictureSection(context, verification),
    `Now ${now}`,
    'When they are the same, record it:',
    `  ${context.typed(`contact verify ${address} --number DIGITS`)}`,
    '  or with --words "…", or with --qr and what their code says.',
  ].join('\n');
}

/** The pictures, where there is a terminal to draw on, and their names. */
function pictureSection({ terminal }: Context, { picture, ownPicture }: Verification): readonly string[] {
  const pictures = [
    { caption: 'their key', picture },
    { caption: 'your key, as they should see it', picture: ownPicture },
  ];
  const lines =
    terminal.output.isTTY === true
      ? pictureLines(pictures, hasColour(terminal))
      : pictures.map((one) => `  ${one.caption}: ${one.picture.name}`);
  return [...lines, 'Pictures are an aid for the eye. Only number, words or code verify.', ''];
}

/** One line for each account. */
function inHalves(text: string): readonly [string, string] {
  const parts = text.split(' ');
  const half = parts.length / 2;
  return [parts.slice(0, half).join(' '), parts.slice(half).join(' ')];
}
