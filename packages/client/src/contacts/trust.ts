/**
 * How sure one may be that a contact is who they say (spec/trust.md, "What the levels are"): the highest rung for which there
 * is evidence, and why, as a sentence. Pure: views/contact-view.ts gathers the evidence.
 */
import { bytesEqual } from '@mycelium/protocol';
import type { TrustLevel } from '../client.ts';

/** Another account that calls itself by the address of the contact, and that the person has not turned down. */
export interface Rival {
  /** As `accountFingerprint` writes it. */
  readonly fingerprint: string;
  /** The domain of the address has signed for this account. */
  readonly domainProof: boolean;
}

/** Everything that speaks for or against the account that is pinned under an address. */
export interface Evidence {
  /** Key of the pinned account, as its log has it now. */
  readonly accountKey: Uint8Array;
  /** Account key that it had when the person compared the safety number; undefined: never. */
  readonly verifiedKey: Uint8Array | undefined;
  /** Contacts whose word for this very account counts (vouchers.ts). */
  readonly vouches: readonly { readonly address: string; readonly through: string | undefined }[];
  /** The domain whose signature for this account key holds now; undefined: there is none. */
  readonly domainProof: string | undefined;
  /** A sentence on the proof: how long it holds, or why the one that is shown does not. */
  readonly domainNote?: string | undefined;
  /** The person has chosen this account when others claimed the address. */
  readonly chosen: boolean;
  readonly rivals: readonly Rival[];
}

export interface Judgement {
  readonly trust: TrustLevel;
  /** Why this rung, as a sentence. */
  readonly reason: string;
}

/**
 * Contested only where the pinned account has no proof: whoever claims the address of somebody who was verified, vouched
 * for or proved by the domain is named in the reason, and stops nothing. Two proofs by the domain are none.
 */
export function judge(evidence: Evidence): Judgement {
  const { trust, reason } = proofOf(evidence) ?? doubted(evidence);
  const [rival] = evidence.rivals;
  if (rival === undefined || trust === 'contested') return { trust, reason };
  return {
    trust,
    reason: `${reason} Another account (${rival.fingerprint}) claims the address without being believed.`,
  };
}

function proofOf(evidence: Evidence): Judgement | undefined {
  const { accountKey, verifiedKey, vouches, domainProof, domainNote, rivals } = evidence;
  if (verifiedKey !== undefined && bytesEqual(verifiedKey, accountKey))
    return { trust: 'verified', reason: 'You compared the safety number.' };
  if (vouches.length > 0)
    return { trust: 'vouched', reason: `Vouched for by ${vouches.map(voucherText).join(', and by ')}.` };
  if (domainProof !== undefined && !rivals.some((rival) => rival.domainProof))
    return {
      trust: 'domain',
      reason: withNote(`The domain ${domainProof} has signed for this account.`, domainNote),
    };
  return undefined;
}

/** A proof that does not hold is no evidence; why it does not is said all the same. */
function doubted(evidence: Evidence): Judgement {
  const { trust, reason } = unproved(evidence);
  const { domainProof, domainNote } = evidence;
  return { trust, reason: domainProof === undefined ? withNote(reason, domainNote) : reason };
}

function withNote(reason: string, note: string | undefined): string {
  return note === undefined ? reason : `${reason} ${note}`;
}

function voucherText({ address, through }: Evidence['vouches'][number]): string {
  return through === undefined
    ? `${address}, whom you verified`
    : `${address}, for whom ${through} vouches, whom you verified`;
}

/** What would bring the contact higher; undefined: nothing stands higher. */
export function wayUp(trust: TrustLevel, address: string): string | undefined {
  const compare = `compare with them what "mycelium contact verify ${address}" shows`;
  switch (trust) {
    case 'verified':
      return undefined;
    case 'vouched':
    case 'domain':
      return `To be surer, ${compare}.`;
    case 'pinned':
      return `To be surer, ${compare}; or somebody whom you verified vouches for them.`;
    case 'contested':
      return `Before anything is sent, ${compare}, or choose the account by its fingerprint.`;
  }
}

function unproved({ verifiedKey, domainProof, chosen, rivals }: Evidence): Judgement {
  if (rivals.length > 0) {
    const claims = rivals.map(
      (rival) => `${rival.fingerprint}${rival.domainProof ? ', which the domain has signed for' : ''}`,
    );
    const doubt =
      domainProof === undefined ? 'nothing proves which one is right' : 'the domain has signed for both';
    return {
      trust: 'contested',
      reason: `Another account claims this address (${claims.join('; ')}), and ${doubt}. Nothing is sent until you choose.`,
    };
  }
  if (verifiedKey !== undefined) {
    return {
      trust: 'pinned',
      reason:
        'You compared the safety number of an earlier account key; a new one took its place, signed by that one. Compare again.',
    };
  }
  return chosen
    ? {
        trust: 'pinned',
        reason:
          'You chose this account among those that claim the address; nobody has compared the safety number.',
      }
    : {
        trust: 'pinned',
        reason: 'First seen here and the same since; nobody has compared the safety number.',
      };
}
