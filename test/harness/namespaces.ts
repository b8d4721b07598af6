/**
 * Machines of a test as network namespaces: each has loopback and one wire to a hub namespace. The hub does not
 * forward packets, so two of them can only meet through a program that runs in the hub.
 *
 * Namespaces do not separate Unix sockets, which are files: every machine gets a runtime folder of its own.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { RunOptions, World } from './program.ts';

/** Why namespaces cannot be used here, or undefined when they can. */
export function namespacesMissing(): string | undefined {
  // Checked once: it makes a namespace.
  missing ??= { why: findMissing() };
  return missing.why;
}

let missing: { readonly why: string | undefined } | undefined;

/** Why nftables cannot be used here, or undefined when they can. */
export function nftablesMissing(): string | undefined {
  try {
    execFileSync('nft', ['--version'], { stdio: 'ignore' });
    return namespacesMissing();
  } catch {
    return 'there is no nft here';
  }
}

function findMissing(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are a Linux thing';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  try {
    ip('netns', 'add', probe);
    ip('netns', 'delete', probe);
    return undefined;
  } catch {
    return 'network namespaces are not permitted here (iproute2 installed?)';
  }
}

const probe = `myc${process.pid}probe`;

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

export class Lab {
  readonly #world: World;
  readonly #prefix = `myc${process.pid}`;
  readonly #made: string[] = [];
  #wires = 0;

  constructor(world: World) {
    this.#world = world;
    this.#make('hub');
    // Loopback of the kernel's default may forward; here it must not.
    this.#in('hub', 'sh', '-c', 'echo 0 > /proc/sys/net/ipv4/ip_forward');
  }

  #make(name: string): void {
    const full = `${this.#prefix}${name}`;
    ip('netns', 'add', full);
    this.#made.push(full);
    ip('-n', full, 'link', 'set', 'lo', 'up');
  }

  #in(name: string, ...command: string[]): void {
    execFileSync('ip', ['netns', 'exec', `${this.#prefix}${name}`, ...command], { stdio: 'pipe' });
  }

  /** A machine with one wire to the hub. Answers its own address and the hub's on that wire. */
  machine(name: string): { readonly own: string; readonly hub: string } {
    this.#make(name);
    this.#wires += 1;
    const net = `10.77.${this.#wires}`;
    const [near, far] = [`v${process.pid}n${this.#wires}`, `v${process.pid}f${this.#wires}`];
    const [machine, hub] = [`${this.#prefix}${name}`, `${this.#prefix}hub`];
    ip('link', 'add', near, 'netns', machine, 'type', 'veth', 'peer', 'name', far, 'netns', hub);
    ip('-n', machine, 'addr', 'add', `${net}.2/24`, 'dev', near);
    ip('-n', hub, 'addr', 'add', `${net}.1/24`, 'dev', far);
    ip('-n', machine, 'link', 'set', near, 'up');
    ip('-n', hub, 'link', 'set', far, 'up');
    ip('-n', machine, 'route', 'add', 'default', 'via', `${net}.1`);
    return { own: `${net}.2`, hub: `${net}.1` };
  }

  /** Machines on one network of their own, joined by a bridge, from which nothing leads anywhere. Answers their addresses. */
  lan(...names: readonly string[]): readonly string[] {
    const bridge = `${this.#prefix}lan`;
    this.#make('lan');
    ip('-n', bridge, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', bridge, 'link', 'set', 'br0', 'up');
    return names.map((name, at) => {
      this.#make(name);
      const [near, far] = [`w${process.pid}n${at}`, `w${process.pid}f${at}`];
      const machine = `${this.#prefix}${name}`;
      ip('link', 'add', near, 'netns', machine, 'type', 'veth', 'peer', 'name', far, 'netns', bridge);
      ip('-n', bridge, 'link', 'set', far, 'master', 'br0');
      ip('-n', bridge, 'link', 'set', far, 'up');
      ip('-n', machine, 'link', 'set', near, 'name', 'lan0');
      ip('-n', machine, 'addr', 'add', `10.78.0.${at + 1}/24`, 'dev', 'lan0');
      ip('-n', machine, 'link', 'set', 'lan0', 'up');
      return `10.78.0.${at + 1}`;
    });
  }

  /** Gives the network card of a machine another address: what was open over the old one is dead. */
  readdress(name: string, device: string, address: string): void {
    const machine = `${this.#prefix}${name}`;
    ip('-n', machine, 'addr', 'flush', 'dev', device);
    ip('-n', machine, 'addr', 'add', address, 'dev', device);
  }

  /** The card of a machine that `machine` made. */
  cardOf(name: string): string {
    return `v${process.pid}n${this.#made.indexOf(`${this.#prefix}${name}`)}`;
  }

  /** What leaves a machine and matches these nftables expressions is dropped without a word. */
  drop(name: string, ...matches: readonly string[]): void {
    this.#in(name, 'nft', 'add table inet lab');
    this.#in(name, 'nft', 'add chain inet lab out { type filter hook output priority 0; }');
    for (const match of matches) this.#in(name, 'nft', `add rule inet lab out ${match} drop`);
  }

  /** How programs run on that machine. */
  on(name: string): RunOptions {
    const runtime = path.join(this.#world.folder, `run-${name}`);
    mkdirSync(runtime, { recursive: true, mode: 0o700 });
    return {
      prefix: ['ip', 'netns', 'exec', `${this.#prefix}${name}`],
      env: { XDG_RUNTIME_DIR: runtime },
    };
  }

  /** Takes a machine's wire down or up again. */
  wire(name: string, state: 'up' | 'down'): void {
    const index = this.#made.indexOf(`${this.#prefix}${name}`);
    ip('-n', `${this.#prefix}${name}`, 'link', 'set', `v${process.pid}n${index}`, state);
    if (state === 'up') {
      ip('-n', `${this.#prefix}${name}`, 'route', 'replace', 'default', 'via', `10.77.${index}.1`);
    }
  }

  end(): void {
    for (const name of this.#made) ip('netns', 'delete', name);
  }
}
