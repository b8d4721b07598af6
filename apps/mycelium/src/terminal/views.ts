/** Contacts, messages and events as lines for people. Everything that a contact can set is made inert here. */
import type {
  ApiEvent,
  CameBy,
  Contact,
  Invite,
  InviteState,
  Message,
  MessageState,
  Voucher,
} from '@mycelium/api';
import { inertLine, inertText } from './inert.ts';

const marks: Record<MessageState, string> = {
  queued: '…',
  stored: '✓',
  delivered: '✓✓',
  read: '✓✓ read',
  failed: '✗ failed',
  held: '⏸ held',
  received: '',
};

export function stateMark(state: MessageState): string {
  return marks[state];
}

/** Local time, `2026-11-22 21:05`. A sender may claim anything, also what is no time. */
export function timeText(ms: number): string {
  const time = new Date(ms);
  if (Number.isNaN(time.getTime())) return 'at no time';
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

export function messageText(kind: string, text: string): string {
  if (kind === 'text') return inertText(text);
  return kind === 'unknown' ? '(needs a newer version to show)' : `(${inertLine(kind)})`;
}

export function messageLine(message: Message): string {
  const gap = message.gapBefore ? '(messages are missing here)\n' : '';
  const mark = stateMark(message.state);
  const note = message.note === undefined ? '' : `\n    ${inertLine(message.note)}`;
  return `${gap}[${timeText(message.time)}] ${inertLine(message.from)}: ${messageText(message.kind, message.text)}${mark && ` ${mark}`}${note}`;
}

export function contactLine(contact: Contact): string {
  const label = contact.label === undefined ? '' : ` “${inertLine(contact.label)}”`;
  const link =
    contact.state === 'request' && contact.cameBy !== undefined ? `, ${cameByText(contact.cameBy)}` : '';
  return `${inertLine(contact.address)}${label}  ${contact.state}, ${contact.trust}${link}`;
}

const inviteStates: Record<InviteState, string> = {
  open: 'open',
  'used-up': 'used up',
  expired: 'expired',
  revoked: 'taken back',
};

/** Which link of ours it was, and what has become of it. */
export function cameByText({ invite, label, state }: CameBy): string {
  const name = label === undefined ? invite : `“${inertLine(label)}”`;
  return `by your link ${name} (${inviteStates[state]})`;
}

export function inviteLine(invite: Invite): string {
  const label = invite.label === undefined ? '' : ` “${inertLine(invite.label)}”`;
  const left = invite.usesLeft === undefined ? '' : `, ${invite.usesLeft} left`;
  const until = invite.expires === undefined ? '' : `, until ${timeText(invite.expires)}`;
  const guests = invite.guests.map(({ address, time }) => `\n    ${inertLine(address)}  ${timeText(time)}`);
  return `${invite.id}${label}  ${inviteStates[invite.state]}: ${invite.used} came${left}${until}${guests.join('')}`;
}

const policyTexts: Record<Contact['policy'], string> = {
  direct: 'directly where a path leads there, and through relays',
  'relays-only': 'through relays only: they do not learn your IP address',
};

export function contactText(contact: Contact): string {
  return [
    contactLine(contact),
    `  why ${contact.trust}: ${inertLine(contact.trustReason)}`,
    ...contact.vouchers.map(voucherLine),
    ...(contact.warning === undefined ? [] : [`  BEWARE: ${inertLine(contact.warning)}`]),
    ...(contact.wayUp === undefined ? [] : [`  ${inertLine(contact.wayUp)}`]),
    `  safety number: ${contact.safetyNumber || '(not known yet)'}`,
    `  fingerprint:   ${inertLine(contact.fingerprint)}`,
    `  conversation:  ${contact.conversation}`,
    `  mail travels:  ${policyTexts[contact.policy]}`,
    ...(contact.cameBy === undefined ? [] : [`  came:          ${cameByText(contact.cameBy)}`]),
    ...(contact.greeting === undefined ? [] : [`  wrote:         ${inertText(contact.greeting)}`]),
    ...contact.doubts.map((text) => `  IN DOUBT:      ${inertLine(text)}`),
    ...rivalLines(contact),
  ].join('\n');
}

/** Who else claims the address, and what to do about it. */
function rivalLines({ address, trust, fingerprint, rivals, held }: Contact): readonly string[] {
  const lines = rivals.map(
    (rival) =>
      `  claims the address too: ${inertLine(rival.fingerprint)}, since ${timeText(rival.since)}${rival.turnedDown ? ' (you decided against it)' : ''}`,
  );
  if (trust !== 'contested') return lines;
  const to = inertLine(address);
  return [
    ...lines,
    `  held:          ${held} texts that had not arrived`,
    '  Nothing goes out to this address until you choose. Ask them for their safety number or fingerprint, and not by this address:',
    `    mycelium contact verify ${to} --number DIGITS`,
    `    mycelium contact trust ${to} --fingerprint "${inertLine(fingerprint)}"     to keep the account that you know`,
    ...rivals
      .filter((rival) => !rival.turnedDown)
      .map(
        (rival) =>
          `    mycelium contact trust ${to} --fingerprint "${inertLine(rival.fingerprint)}"     to take this one instead`,
      ),
    `    mycelium contact remove ${to}`,
  ];
}

function voucherLine({ address, through, issued, expires, counts }: Voucher): string {
  const by = through === undefined ? '' : `, for whom ${inertLine(through)} vouches`;
  const worth = counts ? '' : ' (does not count: you have not verified them)';
  return `  vouched by ${inertLine(address)}${by} on ${timeText(issued).slice(0, 10)}, until ${timeText(expires).slice(0, 10)}${worth}`;
}

export function eventLine(event: ApiEvent): string {
  const time = `[${timeText(event.event === 'message' ? event.sent : event.time)}]`;
  switch (event.event) {
    case 'message':
      return `${time} ${inertLine(event.from)}: ${messageText(event.kind, event.text)}`;
    case 'receipt':
      return `${time} ${event.id.slice(0, 8)} ${stateMark(event.state)} ${event.state}`;
    case 'request':
      return `${time} ${inertLine(event.from)} asks to be your contact${event.cameBy === undefined ? '' : `, ${cameByText(event.cameBy)}`}: ${inertText(event.text)}${event.warning === undefined ? '' : `\n    BEWARE: ${inertLine(event.warning)}`}\n    mycelium contact accept ${inertLine(event.from)}`;
    case 'contact':
      return `${time} ${inertLine(event.address)} is now: ${event.state}`;
    case 'vouch':
      return event.state === 'given'
        ? `${time} ${inertLine(event.from)} vouches for ${inertLine(event.about)} until ${timeText(event.expires).slice(0, 10)}`
        : `${time} ${inertLine(event.from)} no longer vouches for ${inertLine(event.about)}`;
    case 'gap':
      return `${time} ${event.missing} messages of ${inertLine(event.from)} are missing`;
    case 'security':
      return `${time} SECURITY (${event.kind}) ${inertLine(event.address)}: ${inertText(event.text)}`;
  }
}
