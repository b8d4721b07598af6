/**
 * Our commands on a hyperdht node. With claims it is a directory node and answers; without them it only asks.
 */
import { answerRequest, type ClaimHolder } from '@mycelium/runtime';
import { DhtPlugin, type DhtRequest, type HyperDht, type PluginRequest } from '../declarations/hyperdht.ts';

const pluginName = 'mycelium';
const pluginVersion = 1;

export class ClaimPlugin extends DhtPlugin {
  readonly #holder: ClaimHolder | undefined;

  constructor(dht: HyperDht, holder?: ClaimHolder) {
    super(pluginName, pluginVersion);
    this.#holder = holder;
    dht.register(pluginName, this);
  }

  override onrequest({ command, value }: PluginRequest, outer: DhtRequest): void {
    const { target, token, from } = outer;
    if (this.#holder === undefined || target === null) return;
    try {
      const asked = { command, target, value, proved: token !== null, host: from.host };
      const answer = answerRequest(this.#holder, asked);
      if (answer === undefined) return;
      outer.reply(answer.value, { token: answer.leadsOn, closerNodes: answer.leadsOn });
    } catch {
      // A bug of ours must cost one answer, not the process.
    }
  }

  override onpersistent(): void {}

  override destroy(): void {}
}
