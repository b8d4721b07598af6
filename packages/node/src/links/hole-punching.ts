/**
 * hyperdht's hole punching, made to work where few nodes are known (spec/links.md, "Handshake"). It learns what kind of address
 * translation it is behind by asking four nodes how they see it, and with fewer than three answers never makes up its mind; ours
 * is a network where somebody may know one. And it takes part in one search for a random port at a time: two who dial each
 * other at the same moment, as ours do, would refuse each other.
 */
import { NatSamples, type HyperDht, type NatSamplesState } from '../declarations/hyperdht.ts';

const unknown = 0;
const consistent = 2;
const random = 3;

/** Each takes up to 256 sockets for half a minute where our own ports are random: one dial of ours, one of the peer. */
const searchesMax = 2;
/** Between the end of one search and the next. */
export const searchEveryMs = 5_000;

/** All that could be asked have answered: they decide. */
function decide(nat: NatSamplesState): void {
  const [most] = nat._samplesFull;
  if (nat.firewall !== unknown || most === undefined || !nat.dht.firewalled) return;
  nat.firewall = most.hits === nat.sampled ? consistent : random;
  nat._updateAddresses();
}

const { autoSample } = NatSamples.prototype;

NatSamples.prototype.autoSample = function sampleAndDecide(this: NatSamplesState, retry = true): void {
  if (retry && !this._autoSampling) {
    const resolve = this._resolve;
    this._resolve = () => {
      decide(this);
      resolve();
    };
  }
  autoSample.call(this, retry);
};

export function allowBothToSearch(dht: HyperDht): void {
  dht._randomPunchLimit = searchesMax;
}
