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
      context.output.print(status, () => statusText(status));
    }),
  );
}

function statusText(status: NodeStatus): string {
  const { account, relay } = status;
  const published = status.published.at === undefined ? 'not yet' : timeText(status.published.at);
  const lines = [
    `Mycelium ${status.version}, process ${status.pid}, roles: ${status.roles.join(', ')}`,
    `data folder   ${inertLine(status.data)}`,
    `account       ${account === undefined ? '(none: mycelium init ADDRESS)' : inertLine(account.address)}`,
    ...(account === undefined ? [] : [`fingerprint   ${inertLine(account.fingerprint)}`]),
    ...status.addresses.map((address) => `reached at    ${inertLine(address)}`),
    ...(account?.relays ?? []).map((address) => `mail kept at  ${inertLine(address)}`),
    `directory     ${status.directoryNodes} nodes known; published: ${published}${status.published.note && ` (${inertLine(status.published.note)})`}`,
    `messages      ${status.queued} on their way out; ${status.contacts} contacts`,
    ...(relay === undefined
      ? []
      : [
          `relay         ${relay.queues} queues, ${relay.frames} frames, ${relay.bytes} bytes, ${relay.links} links`,
        ]),
    ...status.peers.map(peerLine),
  ];
  return lines.join('\n');
}

function peerLine(peer: Peer): string {
  const path = peer.path === undefined ? '' : ` over ${inertLine(peer.path)}`;
  const rtt = peer.rttMs === undefined ? '' : `, ${peer.rttMs.toFixed(1)} ms`;
  return `peer ${peer.direction.padEnd(3)}      ${inertLine(peer.address)} ${inertLine(peer.state)}${path}${rtt} ${inertLine(peer.note)}`.trimEnd();
}
