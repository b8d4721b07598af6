/**
 * A small internet of network namespaces: a backbone that carries packets between public addresses, homes behind address
 * translation by nftables, and networks that lead nowhere. What is lost here is lost without a word, as it is out there.
 *
 * What nftables gives: `masquerade` keeps the source port where it is free, whoever is spoken to, and lets nobody in who was not
 * spoken to: a port-restricted cone. `masquerade fully-random` takes another port for each destination: symmetric. A full cone
 * (anybody may come in by a mapping) is not what Linux does; a machine with a public address stands for everything easier.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { RunOptions, World } from '../harness/program.ts';

export type Nat = 'open' | 'cone' | 'symmetric';

/** `out meta l4proto udp`; with nothing behind `out` or `in`, everything. */
export type Loss = `${'in' | 'out'} ${string}`;

/** Addresses of the real internet's kind, because nobody relays packets into private networks. None of them leaves this machine. */
const backbone = '45.77';

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Nobody comes in who was not spoken to; nobody's packet makes the router itself answer, which would cost the mapping its port. */
function translation(nat: 'cone' | 'symmetric'): string {
  const known = 'iifname "eth0" ct state established,related accept; iifname "eth0" drop;';
  const port = nat === 'symmetric' ? 'fully-random' : '';
  return `
    table ip nat {
      chain out { type nat hook postrouting priority srcnat; oifname "eth0" masquerade ${port}; }
    }
    table ip filter {
      chain in { type filter hook input priority filter; ${known} }
      chain through { type filter hook forward priority filter; ${known} }
    }`;
}

let internets = 0;

export class Internet {
  readonly #world: World;
  readonly #prefix: string;
  readonly #made: string[] = [];
  #cards = 0;
  #sites = 0;

  constructor(world: World) {
    internets += 1;
    this.#world = world;
    this.#prefix = `lab${process.pid}x${internets}`;
    this.#make('core');
    const core = this.#full('core');
    ip('-n', core, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', core, 'link', 'set', 'br0', 'up');
  }

  #full(name: string): string {
    return `${this.#prefix}${name}`;
  }

  #make(name: string): void {
    ip('netns', 'add', this.#full(name));
    this.#made.push(name);
    ip('-n', this.#full(name), 'link', 'set', 'lo', 'up');
  }

  #in(name: string, ...command: string[]): void {
    execFileSync('ip', ['netns', 'exec', this.#full(name), ...command], { stdio: 'pipe' });
  }

  #nft(name: string, rules: string): void {
    const command = ['netns', 'exec', this.#full(name), 'nft', '-f', '-'];
    execFileSync('ip', command, { input: rules, stdio: ['pipe', 'ignore', 'pipe'] });
  }

  /** A card `eth0` (or as told) in `name` whose other end is in `other`, on its bridge. */
  #plug(name: string, other: string, bridge: string, card = 'eth0'): void {
    this.#cards += 1;
    const far = `p${process.pid}c${this.#cards}x${internets}`.slice(-15);
    const [here, there] = [this.#full(name), this.#full(other)];
    ip('link', 'add', far, 'netns', there, 'type', 'veth', 'peer', 'name', card, 'netns', here);
    ip('-n', there, 'link', 'set', far, 'master', bridge);
    ip('-n', there, 'link', 'set', far, 'up');
    ip('-n', here, 'link', 'set', card, 'up');
  }

  /** A machine with a public address. */
  host(name: string): string {
    this.#make(name);
    return this.#onBackbone(name);
  }

  #onBackbone(name: string): string {
    this.#sites += 1;
    const address = `${backbone}.${this.#sites}.1`;
    this.#plug(name, 'core', 'br0');
    ip('-n', this.#full(name), 'addr', 'add', `${address}/16`, 'dev', 'eth0');
    // Towards addresses that are nobody's, packets go and are never seen again.
    ip('-n', this.#full(name), 'route', 'add', 'blackhole', 'default');
    return address;
  }

  /** A machine with a private address behind a router of that kind. Answers its own address. */
  home(name: string, nat: Nat): string {
    if (nat === 'open') return this.host(name);
    this.#make(name);
    return this.#behind(name, nat);
  }

  /** A laptop that is carried from its home into another one: what was open is dead, and nobody is told. */
  move(name: string, nat: 'cone' | 'symmetric'): string {
    ip('-n', this.#full(name), 'link', 'delete', 'eth0');
    return this.#behind(name, nat);
  }

  #behind(name: string, nat: 'cone' | 'symmetric'): string {
    const router = `${name}-r${this.#sites}`;
    this.#make(router);
    this.#onBackbone(router);
    const site = this.#sites;
    const [full, lan] = [this.#full(router), `192.168.${site}`];
    this.#in(router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    ip('-n', full, 'link', 'add', 'lan', 'type', 'bridge');
    ip('-n', full, 'addr', 'add', `${lan}.1/24`, 'dev', 'lan');
    ip('-n', full, 'link', 'set', 'lan', 'up');
    this.#nft(router, translation(nat));
    this.#plug(name, router, 'lan');
    ip('-n', this.#full(name), 'addr', 'add', `${lan}.2/24`, 'dev', 'eth0');
    ip('-n', this.#full(name), 'route', 'add', 'default', 'via', `${lan}.1`);
    return `${lan}.2`;
  }

  /** Machines on one network of their own, from which nothing leads anywhere. Answers their addresses. */
  island(...names: readonly string[]): readonly string[] {
    const island = `${names.join('')}-i`;
    this.#make(island);
    this.#sites += 1;
    ip('-n', this.#full(island), 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', this.#full(island), 'link', 'set', 'br0', 'up');
    return names.map((name, at) => {
      const address = `192.168.${this.#sites}.${at + 2}`;
      this.#make(name);
      this.#plug(name, island, 'br0');
      ip('-n', this.#full(name), 'addr', 'add', `${address}/24`, 'dev', 'eth0');
      return address;
    });
  }

  /** The machine moves to another address: a laptop that changes networks. What was open is dead, and nobody is told. */
  readdress(name: string, address: string): void {
    ip('-n', this.#full(name), 'addr', 'flush', 'dev', 'eth0');
    ip('-n', this.#full(name), 'addr', 'add', address, 'dev', 'eth0');
  }

  /** What goes out of a machine, or in, and matches the nftables expression is lost from now on. */
  lose(name: string, ...losses: readonly Loss[]): void {
    this.#nft(
      name,
      `add table inet lost
       add chain inet lost out { type filter hook output priority 0; }
       add chain inet lost in { type filter hook input priority 0; }
       ${losses.map((loss) => `add rule inet lost ${loss} drop`).join('\n')}`,
    );
  }

  /** Nothing is lost any more. */
  mend(name: string): void {
    this.#nft(name, 'delete table inet lost');
  }

  /** How programs run on that machine. */
  on(name: string): RunOptions {
    const runtime = path.join(this.#world.folder, `run-${name}`);
    mkdirSync(runtime, { recursive: true, mode: 0o700 });
    return { prefix: ['ip', 'netns', 'exec', this.#full(name)], env: { XDG_RUNTIME_DIR: runtime } };
  }

  end(): void {
    for (const name of this.#made.splice(0).toReversed()) ip('netns', 'delete', this.#full(name));
  }
}
