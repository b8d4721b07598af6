/**
 * Who is on the networks around us, by mDNS (spec/links.md, "Nearby"). What is announced is a tag that only those recognise
 * who know our transport key, and a port: no name, no address, no account. Whom we look for we tell nobody: all that is heard
 * is compared with the tags of the keys we know.
 */
import type { RemoteInfo } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import {
  bytesToHex,
  nearbyPeriod,
  nearbyTag,
  type PeerEndpoint,
  type TransportKey,
} from '@mycelium/protocol';
import createMdns, { type MulticastDNS, type ResponsePacket } from 'multicast-dns';
import { sha256 } from '../primitives/hashes.ts';

const service = '_mycelium._tcp.local';
/** Seconds for which others may keep what we say, and how often we say it again. */
const ttlSeconds = 180;
const announceEveryMs = 60_000;
/** What was heard is believed for so long. */
const believeMs = 200_000;
/** A question of somebody is answered at most so often, whoever asks. */
const answerEveryMs = 1_000;
/** The same question of ours, whoever is looked for. */
const askEveryMs = 5_000;
/** Keys that we look out for, the oldest forgotten first; and places of one key. */
const keysMax = 4_096;
const placesMax = 8;
/** Tags that nobody was looked for by yet, the oldest forgotten first. */
const strangersMax = 256;
const tagLength = 32;
/** Records of one packet that are looked at. */
const answersMax = 32;
const mdnsPort = 5_353;

export interface NearbyWish {
  readonly key: TransportKey;
  /** Where this device listens for TCP. */
  readonly listening: readonly PeerEndpoint[];
  /** Somebody we know was heard at a new place. */
  heard(): void;
  /** For tests. */
  readonly port?: number;
  /** IPv4 addresses of the interfaces to use; as they are now unless told. */
  readonly interfaces?: () => readonly string[];
}

interface Place {
  readonly endpoint: PeerEndpoint;
  readonly atMs: number;
}

export class Nearby {
  readonly #wish: NearbyWish;
  readonly #sockets = new Map<string, MulticastDNS>();
  /** By key in hexadecimal. */
  readonly #keys = new Map<string, TransportKey>();
  readonly #places = new Map<string, readonly Place[]>();
  #tags = new Map<string, string>();
  #tagPeriod = -1;
  #answeredAtMs = 0;
  #answering: NodeJS.Timeout | undefined;
  /** By tag: heard before we looked for them. */
  readonly #strangers = new Map<string, PeerEndpoint>();
  #askedAtMs = 0;
  #timer: NodeJS.Timeout;

  constructor(wish: NearbyWish) {
    this.#wish = wish;
    this.#timer = setInterval(() => this.#announce(), announceEveryMs).unref();
    this.networksChanged();
  }

  /** Where a key was heard lately. From now on it is looked out for. */
  endpoints(key: TransportKey): readonly PeerEndpoint[] {
    const name = bytesToHex(key);
    if (!this.#keys.has(name)) this.#lookOutFor(name, key);
    const places = this.#places.get(name) ?? [];
    return places.filter(({ atMs }) => Date.now() - atMs < believeMs).map(({ endpoint }) => endpoint);
  }

  /** Interfaces came or went. */
  networksChanged(): void {
    const now = (this.#wish.interfaces ?? outwardInterfaces)();
    for (const [address, socket] of this.#sockets) {
      if (now.includes(address)) continue;
      this.#sockets.delete(address);
      socket.destroy();
    }
    for (const address of now) if (!this.#sockets.has(address)) this.#open(address);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#answering);
    const sockets = [...this.#sockets.values()];
    this.#sockets.clear();
    await Promise.all(
      sockets.map((socket) => new Promise<void>((resolve) => socket.destroy(() => resolve()))),
    );
  }

  #open(address: string): void {
    const { port = mdnsPort } = this.#wish;
    const socket = createMdns({ port, interface: address, bind: '0.0.0.0', reuseAddr: true });
    this.#sockets.set(address, socket);
    socket.on('error', () => this.#drop(address, socket));
    // A network that is just going, or an interface that carries no multicast.
    socket.on('warning', () => undefined);
    socket.on('response', (packet, from) => this.#hear(packet, from));
    socket.on('query', ({ questions = [] }) => {
      if (questions.some(({ name }) => name === service)) this.#answer();
    });
    socket.on('ready', () => {
      this.#announce();
      this.#ask(socket);
    });
  }

  #drop(address: string, socket: MulticastDNS): void {
    if (this.#sockets.get(address) === socket) this.#sockets.delete(address);
    socket.destroy();
  }

  #answer(): void {
    if (this.#answering !== undefined) return;
    const waitMs = Math.max(0, this.#answeredAtMs + answerEveryMs - Date.now());
    this.#answering = setTimeout(() => {
      this.#answering = undefined;
      this.#answeredAtMs = Date.now();
      this.#announce();
    }, waitMs).unref();
  }

  #announce(): void {
    const tag = nearbyTag({ sha256 }, this.#wish.key, nearbyPeriod(Date.now()));
    const instance = `${tag}.${service}`;
    for (const [address, socket] of this.#sockets) {
      const port = this.#portAt(address);
      if (port === undefined) continue;
      const target = `${tag}.local`;
      socket.respond({
        answers: [
          { name: service, type: 'PTR', ttl: ttlSeconds, data: instance },
          { name: instance, type: 'SRV', ttl: ttlSeconds, data: { port, target, priority: 0, weight: 0 } },
        ],
      });
    }
  }

  /** The port on which this device listens for TCP on that interface. */
  #portAt(address: string): number | undefined {
    const everywhere = ['0.0.0.0', '::', address];
    return this.#wish.listening.find(({ host, over }) => over === undefined && everywhere.includes(host))
      ?.port;
  }

  #hear({ answers = [], additionals = [] }: ResponsePacket, from: RemoteInfo): void {
    for (const answer of [...answers, ...additionals].slice(0, answersMax)) {
      if (answer.type !== 'SRV' || !answer.name.endsWith(`.${service}`)) continue;
      const { port } = answer.data;
      if (port < 1 || port > 65_535 || !isIPv4(from.address)) continue;
      const tag = answer.name.slice(0, -service.length - 1);
      const key = this.#keyOf(tag);
      const endpoint = { host: from.address, port };
      if (key === undefined) this.#keepStranger(tag, endpoint);
      else this.#keep(key, endpoint);
    }
  }

  #keepStranger(tag: string, endpoint: PeerEndpoint): void {
    if (tag.length !== tagLength) return;
    this.#strangers.delete(tag);
    this.#strangers.set(tag, endpoint);
    const oldest = this.#strangers.size > strangersMax ? this.#strangers.keys().next().value : undefined;
    if (oldest !== undefined) this.#strangers.delete(oldest);
  }

  #keep(key: string, endpoint: PeerEndpoint): void {
    const isSame = (place: Place): boolean =>
      place.endpoint.host === endpoint.host && place.endpoint.port === endpoint.port;
    const known = this.#places.get(key) ?? [];
    const others = known.filter((place) => !isSame(place) && Date.now() - place.atMs < believeMs);
    this.#places.set(key, [{ endpoint, atMs: Date.now() }, ...others].slice(0, placesMax));
    if (!known.some(isSame)) this.#wish.heard();
  }

  #lookOutFor(name: string, key: TransportKey): void {
    const oldest = this.#keys.size >= keysMax ? this.#keys.keys().next().value : undefined;
    if (oldest !== undefined) {
      this.#keys.delete(oldest);
      this.#places.delete(oldest);
    }
    this.#keys.set(name, key);
    this.#tagPeriod = -1;
    const nowMs = Date.now();
    for (const tag of tagsOf(key, nearbyPeriod(nowMs))) {
      const endpoint = this.#strangers.get(tag);
      if (endpoint !== undefined) this.#places.set(name, [{ endpoint, atMs: nowMs }]);
    }
    if (Date.now() - this.#askedAtMs < askEveryMs) return;
    this.#askedAtMs = Date.now();
    for (const socket of this.#sockets.values()) this.#ask(socket);
  }

  #ask(socket: MulticastDNS): void {
    socket.query({ questions: [{ name: service, type: 'PTR' }] });
  }

  #keyOf(tag: string): string | undefined {
    const period = nearbyPeriod(Date.now());
    if (period !== this.#tagPeriod) {
      this.#tagPeriod = period;
      this.#tags = new Map();
      for (const [name, key] of this.#keys)
        for (const near of tagsOf(key, period)) this.#tags.set(near, name);
    }
    return this.#tags.get(tag);
  }
}

/** Of this quarter of an hour, the one before and the one after: clocks differ. */
function tagsOf(key: TransportKey, period: number): readonly string[] {
  return [period - 1, period, period + 1].map((near) => nearbyTag({ sha256 }, key, near));
}

/** One IPv4 address of each interface that leaves this machine. */
function outwardInterfaces(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) => {
    const found = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
    return found === undefined ? [] : [found.address];
  });
}
