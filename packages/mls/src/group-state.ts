/**
 * The state of a send group as bytes for the store: without the secret tree (nothing is ever sent as an MLS private
 * message, and ts-mls overflows its stack on large ones) and without former epochs. One version byte in front.
 */
import { assert, concatBytes, type Suite } from '@mycelium/protocol';
import { type ClientState, decodeGroupState, encodeGroupState, type LeafNode } from 'ts-mls';
import { suiteOf } from './cipher-suite.ts';
import { clientConfig } from './leaf.ts';

const stateVersion = 1;

/** The owner made the group and only the owner commits, so nobody can remove the first leaf. */
export const ownerLeaf = 0;

export function encodeState(state: ClientState): Uint8Array {
  const kept = { ...state, secretTree: [], historicalReceiverData: new Map(), unappliedProposals: {} };
  return concatBytes(Uint8Array.of(stateVersion), encodeGroupState(kept));
}

/** Bytes of our own store: what does not decode is a bug or a broken disk. */
export function decodeState(bytes: Uint8Array): ClientState {
  assert(bytes[0] === stateVersion, 'a group state of this version');
  const body = bytes.subarray(1);
  const decoded = decodeGroupState(body, 0);
  assert(decoded !== undefined && decoded[1] === body.length, 'a whole group state');
  return { ...decoded[0], clientConfig };
}

export function stateSuite(state: ClientState): Suite {
  const suite = suiteOf(state.groupContext.cipherSuite);
  assert(suite !== undefined, 'a group of one of our suites');
  return suite;
}

export interface Leaf {
  /** Counted in leaves. */
  readonly index: number;
  readonly leaf: LeafNode;
}

export function leavesOf(state: Pick<ClientState, 'ratchetTree'>): Leaf[] {
  return state.ratchetTree.flatMap((node, at) =>
    node?.nodeType === 'leaf' ? [{ index: at / 2, leaf: node.leaf }] : [],
  );
}
