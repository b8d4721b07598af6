/** `mycelium status`: what the node is doing. */
import type { Command } from 'commander';
import type { AccountRelay, NodeStatus, Peer, PeerPath, RelayStoreStatus } from '@mycelium/api';
import { inertLine } from '../terminal/inert.ts';
import { timeText } from '../terminal/views.ts';
import { withNode, type Bind } from './command.ts';

export function addStatus(program: Command, bind: Bind): void {
  bind(program.command('status').description('what the node is doing'), (context) =>
    withNode(context, async (node) => {
      const status = await node.call('node.status', {});
      context.output.print(status, () => statusText(status, context.typed('init ADDRESS')));
    }),
  );
}

function statusText(status: NodeStatus, toBegin: string): string {
  const { relay } = status;
  return [
    `Mycelium ${status.version}, process ${status.pid}, roles: ${status.roles.join(', ')}`,
    `data folder   ${inertLine(status.data)}`,
    ...status.addresses.map((address) => `reached at    ${inertLine(address)}`),
    ...(status.websocket === undefined ? [] : [`websocket     ${inertLine(status.websocket)}`]),
    `directory     ${status.directoryNodes} other nodes known`,
    ...(status.roles.includes('user') ? userLines(status, toBegin) : []),
    ...(relay === undefined
      ? []
      : [
          `relay         ${relay.queues} queues, ${relay.frames} frames, ${relay.bytes} bytes, ${relay.links} links`,
          `mail kept in  ${inertLine(storeText(relay.store))}`,
        ]),
    ...status.peers.flatMap(peerLines),
  ].join('\n');
}

function storeText({ kind, durability, replicas, servers }: RelayStoreStatus): string {
  if (kind === 'folder') return 'a folder of this machine; on disk before it is called stored';
  const copies = `NATS, ${replicas ?? 1} of each queue at ${servers?.join(', ') ?? 'an unknown server'}`;
  return durability === 'synced'
    ? `${copies}; on disk before it is called stored`
    : `${copies}; replicated only: on disk a while after it is called stored, which clients are told and do not count`;
}

function userLines(
  { account, relays, published, queued, contacts, doubts }: NodeStatus,
  toBegin: string,
): readonly string[] {
  if (account === undefined) return [`account       (none: ${toBegin})`];
  const at = published.at === undefined ? 'not yet' : timeText(published.at);
  return [
    `account       ${inertLine(account.address)}`,
    `fingerprint   ${inertLine(account.fingerprint)}`,
    ...relayLines(relays),
    `published     ${at}${published.note && ` (${inertLine(published.note)})`}`,
    `messages      ${queued} on their way out; ${contacts} contacts`,
    ...doubts.flatMap(({ address, text }) => [
      `in doubt      ${inertLine(address)}`,
      `              ${inertLine(text)}`,
    ]),
  ];
}

export function relayLines(relays: readonly AccountRelay[]): readonly string[] {
  return relays.flatMap((relay) => {
    const { use, address, state, since, loadPercent, note } = relay;
    const time = since === undefined ? '' : ` since ${timeText(since)}`;
    const load = loadPercent === undefined ? '' : `, ${loadPercent} % full`;
    const how = `${stateTexts[state]}${time}${rttText(relay)}${load}; ${note}`;
    return [
      `${use === 'account' ? 'mail kept at' : 'spare relay '}  ${inertLine(address)}`,
      `              ${inertLine(how)}`,
    ];
  });
}

const stateTexts = {
  there: 'there',
  away: 'away',
  refuses: 'there, but takes no mail of ours',
  unknown: 'not looked at yet',
} as const;

/** The peer, and below it each of its paths. */
function peerLines(peer: Peer): readonly string[] {
  const whose = peer.contact === undefined ? '' : ` (${inertLine(peer.contact)})`;
  const how = peer.path === undefined ? '' : ` over ${inertLine(peer.path)}`;
  const note = peer.note === peer.state ? '' : `: ${inertLine(peer.note)}`;
  const head = `peer ${peer.direction.padEnd(3)}      ${inertLine(peer.address)}${whose}`;
  return [
    head,
    `              ${inertLine(peer.state)}${how}${rttText(peer)}${note}`,
    ...peer.paths.map(pathLine),
  ];
}

function pathLine({ path, at, state, rttMs, note }: PeerPath): string {
  const where = at === undefined ? '' : ` ${inertLine(at)}`;
  const why = note === '' || state === 'used' ? '' : `: ${inertLine(note)}`;
  return `                ${state.padEnd(10)} ${inertLine(path)}${where}${rttText({ rttMs })}${why}`;
}

function rttText({ rttMs }: { readonly rttMs?: number | undefined }): string {
  return rttMs === undefined ? '' : `, ${rttMs.toFixed(1)} ms`;
}
