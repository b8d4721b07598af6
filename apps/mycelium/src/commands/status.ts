/** `mycelium status`: what the node is doing. */
import type { Command } from 'commander';
import type { NodeStatus, Peer } from '@mycelium/api';
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
        ]),
    ...status.peers.map(peerLine),
  ].join('\n');
}

function userLines({ account, published, queued, contacts }: NodeStatus, toBegin: string): readonly string[] {
  if (account === undefined) return [`account       (none: ${toBegin})`];
  const at = published.at === undefined ? 'not yet' : timeText(published.at);
  return [
    `account       ${inertLine(account.address)}`,
    `fingerprint   ${inertLine(account.fingerprint)}`,
    ...account.relays.map((address) => `mail kept at  ${inertLine(address)}`),
    `published     ${at}${published.note && ` (${inertLine(published.note)})`}`,
    `messages      ${queued} on their way out; ${contacts} contacts`,
  ];
}

function peerLine(peer: Peer): string {
  const path = peer.path === undefined ? '' : ` over ${inertLine(peer.path)}`;
  const rtt = peer.rttMs === undefined ? '' : `, ${peer.rttMs.toFixed(1)} ms`;
  const note = peer.note === peer.state ? '' : ` ${inertLine(peer.note)}`;
  return `peer ${peer.direction.padEnd(3)}      ${inertLine(peer.address)} ${inertLine(peer.state)}${path}${rtt}${note}`.trimEnd();
}
