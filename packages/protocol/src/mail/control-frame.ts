/** Any control frame from its bytes (spec/mail.md, "Control frames"): one look at the type, then that frame's own decoder. */
import { controlFrameTypes } from '../codes.ts';
import { refuse, type Result } from '../errors.ts';
import {
  decodeFound,
  decodeLookUp,
  decodePublish,
  type Found,
  type LookUp,
  type Publish,
} from './directory.ts';
import { decodeDone, type Done } from './done.ts';
import { decodeMailError, type MailError } from './error.ts';
import { decodeFetch, type Fetch } from './fetch.ts';
import { decodeHello, type Hello } from './hello.ts';
import { decodeIntake, type Intake } from './intake.ts';
import { decodeOpen, decodeOpened, type Open, type Opened } from './open.ts';
import { decodePush, type Push } from './push.ts';
import {
  decodeSplice,
  decodeSpliced,
  decodeSummons,
  type Splice,
  type Spliced,
  type Summons,
} from './splice.ts';
import { decodeStatus, decodeStatusReport, type Status, type StatusReport } from './status.ts';
import { decodeStored, type Stored } from './stored.ts';
import { decodeSubscribe, decodeUnsubscribe, type Subscribe, type Unsubscribe } from './subscribe.ts';
import { decodeTrim, type Trim } from './trim.ts';

export type ControlFrame =
  | Hello
  | Open
  | Opened
  | Stored
  | Subscribe
  | Push
  | Fetch
  | Trim
  | Intake
  | Status
  | StatusReport
  | Done
  | MailError
  | Unsubscribe
  | Splice
  | Spliced
  | Summons
  | LookUp
  | Found
  | Publish;

const decoders = new Map<number, (frame: Uint8Array) => Result<ControlFrame>>([
  [controlFrameTypes.hello, decodeHello],
  [controlFrameTypes.open, decodeOpen],
  [controlFrameTypes.opened, decodeOpened],
  [controlFrameTypes.stored, decodeStored],
  [controlFrameTypes.subscribe, decodeSubscribe],
  [controlFrameTypes.push, decodePush],
  [controlFrameTypes.fetch, decodeFetch],
  [controlFrameTypes.trim, decodeTrim],
  [controlFrameTypes.intake, decodeIntake],
  [controlFrameTypes.status, decodeStatus],
  [controlFrameTypes.statusReport, decodeStatusReport],
  [controlFrameTypes.done, decodeDone],
  [controlFrameTypes.error, decodeMailError],
  [controlFrameTypes.unsubscribe, decodeUnsubscribe],
  [controlFrameTypes.splice, decodeSplice],
  [controlFrameTypes.spliced, decodeSpliced],
  [controlFrameTypes.summons, decodeSummons],
  [controlFrameTypes.lookUp, decodeLookUp],
  [controlFrameTypes.found, decodeFound],
  [controlFrameTypes.publish, decodePublish],
]);

export function decodeControlFrame(frame: Uint8Array): Result<ControlFrame> {
  const decoder = decoders.get(frame[0] ?? 0);
  return decoder === undefined ? refuse('type', 'frame.type', 'is that of a control frame') : decoder(frame);
}
