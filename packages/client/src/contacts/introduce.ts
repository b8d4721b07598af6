/**
 * Our side of a first contact: the Welcome to our feed and who we are, sealed for one device of theirs and cut into
 * intake frames. Kept until somebody has stored every piece (submit-introduction.ts).
 */
import {
  bytesToHex,
  encodeAccountLog,
  encodeIntroductionPart,
  hexToBytes,
  intakeAssociated,
  introductionPieceMax,
  signIntroduction,
  type Introduction,
} from '@mycelium/protocol';
import { requireAccount } from '../account/account-row.ts';
import { ownCardDevice } from '../account/card.ts';
import { locationOf } from '../conversation/own-feed.ts';
import type { Draft } from '../loop/draft.ts';
import { planWork } from '../loop/agenda.ts';
import type { StepPorts } from '../ports.ts';
import type { ContactDevice, ContactRow, OwnFeedRow } from '../store/rows.ts';
import { tables } from '../store/tables.ts';

export interface Introducing {
  readonly contact: ContactRow;
  readonly device: ContactDevice;
  readonly feed: OwnFeedRow;
  readonly welcome: Uint8Array;
  readonly greeting: string;
}

export async function introduce(draft: Draft, ports: StepPorts, introducing: Introducing): Promise<void> {
  const account = requireAccount(draft);
  const { contact, device, feed, welcome, greeting } = introducing;
  const introduction: Introduction = {
    address: account.address,
    accountLog: encodeAccountLog(account.log),
    device: ownCardDevice(draft, ports, account),
    location: locationOf(feed),
    welcome,
    token: contact.token,
    greeting,
    domainProof: account.domainProof,
  };
  const keys = { deviceSeed: account.device.seed, recipient: device.deviceKey };
  const bytes = signIntroduction(ports.primitives, introduction, keys);
  const id = ports.randomness.bytes(16);
  const pieces = await sealPieces(ports, device, cut(id, bytes));
  if (pieces === undefined) return;
  const { address } = contact;
  const { deviceKey, intake } = device;
  const token = tokenBetween(draft, contact);
  const row = { id, address, deviceKey, intake, pieces, attempts: 0 };
  draft.put(tables.introductions, id, token === undefined ? row : { ...row, token });
  planWork(draft, `introduce:${bytesToHex(id)}`, draft.nowMs);
}

/** Who came by a link of ours has told its relays that we answer by it. */
function tokenBetween(draft: Draft, { cameBy, token }: ContactRow): Uint8Array | undefined {
  if (token.length > 0) return token;
  const id = cameBy === undefined ? undefined : hexToBytes(cameBy);
  return id === undefined ? undefined : draft.get(tables.invites, id)?.token;
}

/** Undefined: the device has given an intake key that is none. It cannot be written to, and stops nothing else. */
async function sealPieces(
  ports: StepPorts,
  { intake }: ContactDevice,
  plaintexts: readonly Uint8Array[],
): Promise<readonly Uint8Array[] | undefined> {
  const associated = intakeAssociated(intake.route);
  const pieces: Uint8Array[] = [];
  try {
    for (const plaintext of plaintexts) {
      pieces.push(await ports.agreement.sealIntake(intake.publicKey, associated, plaintext));
    }
    return pieces;
  } catch {
    return undefined;
  }
}

function cut(introductionId: Uint8Array, bytes: Uint8Array): readonly Uint8Array[] {
  const parts = Math.ceil(bytes.length / introductionPieceMax);
  return Array.from({ length: parts }, (_, part) => {
    const piece = bytes.subarray(part * introductionPieceMax, (part + 1) * introductionPieceMax);
    return encodeIntroductionPart({ introductionId, part, parts, piece });
  });
}
