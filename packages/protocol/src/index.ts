/** The protocol: bytes to values and state machines, without a platform. Folders are the nouns of `spec/`. */
export type * from './brands.ts';
export { accept, assert, refuse, RefusedError, unwrap, type Refusal, type Result } from './errors.ts';
export type { FrameCipher, Primitives } from './primitives.ts';
export { ByteReader, decode, decodeUtf8 } from './bytes/reader.ts';
export { ByteWriter, encodeUtf8 } from './bytes/writer.ts';
export { bytesEqual, bytesToHex, compareBytes, concatBytes, hexToBytes } from './bytes/compare.ts';
export type * from './feeds/key-agreement.ts';
export * from './codes.ts';
export * from './limits.ts';
export * from './identity/address.ts';
export * from './identity/user-id.ts';
export * from './identity/peer-address.ts';
export * from './links/nearby-tag.ts';
export * from './identity/z-base-32.ts';
export * from './identity/account-op.ts';
export * from './identity/account-entry.ts';
export * from './identity/account-log.ts';
export { accountKeysOf } from './identity/account-keys.ts';
export * from './identity/device-certificate.ts';
export * from './identity/card.ts';
export * from './identity/card-pointer.ts';
export * from './identity/recovery.ts';
export {
  accountFingerprint,
  parseFingerprint,
  parseSafetyNumber,
  safetyNumber,
  type AccountIdentity,
} from './identity/safety-number.ts';
export { parseSpokenWords, spokenWords } from './identity/spoken-words.ts';
export { spokenWordLists } from './identity/spoken-word-list.ts';
export {
  compareVerifyCode,
  formatVerifyCode,
  parseVerifyCode,
  type VerifyCode,
  type VerifyComparison,
} from './identity/verify-code.ts';
export { keyPicture, type KeyPicture } from './identity/key-picture.ts';
export { keyPictureSvg } from './identity/key-picture-svg.ts';
export { keyPictureArt } from './identity/key-picture-art.ts';
export { claimVouchOf, readClaimVouch } from './identity/claim-vouch.ts';
export { signVouch, verifyVouch, type Vouch } from './identity/vouch.ts';
export * from './identity/lookalike.ts';
export * from './identity/invite.ts';
export { formatBase64Url, parseBase64Url } from './identity/base64url.ts';
export * from './identity/domain-key.ts';
export * from './identity/domain-proof.ts';
export * from './identity/domain-record.ts';
export * from './identity/domain-revocations.ts';
export * from './directory/locator.ts';
export {
  decodeClaimRecord,
  raiseClaimWork,
  verifyClaimRecord,
  type ClaimRecord,
} from './directory/claim-record.ts';
export * from './directory/claim.ts';
export * from './directory/claim-table.ts';
export * from './directory/source-network.ts';
export * from './directory/commands.ts';
export { compareDistance } from './directory/distance.ts';
export * from './directory/node-address.ts';
export {
  sign,
  signatureContexts,
  signedBytes,
  verifySignature,
  type SignatureContext,
  type Signer,
  type Verifier,
} from './identity/signed.ts';
export { routeBytes, routeFromKey, routeKey, routeOf } from './mail/route.ts';
export {
  noRequest,
  noRoute,
  requestIdAt,
  requestIdBytes,
  type ControlHeader,
} from './mail/control-header.ts';
export { decodeControlFrame, type ControlFrame } from './mail/control-frame.ts';
export { decodeDone, encodeDone, type Done } from './mail/done.ts';
export { decodeMailError, encodeMailError, type MailError } from './mail/error.ts';
export { decodeFetch, encodeFetch, type Fetch } from './mail/fetch.ts';
export {
  challengeBytes,
  decodeHello,
  encodeHello,
  type Hello,
  isReplicatedOnly,
  takesIntakeTokens,
} from './mail/hello.ts';
export { decodeIntake, encodeIntake, encodeTokenIntake, tokenIdOf, type Intake } from './mail/intake.ts';
export { intakeTokenKeys, type IntakeGrant, type IntakeTokenKeys } from './mail/intake-token.ts';
export * from './mail/token-ledger.ts';
export {
  decodeOpen,
  decodeOpened,
  encodeOpen,
  encodeOpened,
  frameTag,
  openIsAuthentic,
  openSignedBytes,
  signOpen,
  type Open,
  type Opened,
  type OpenRequest,
  type OpenRole,
  type ServerIdentity,
} from './mail/open.ts';
export { queueHolders, relayDraw, relayDraws, type QueuePlace } from './mail/queue-holders.ts';
export { decodePush, encodePush, type Push } from './mail/push.ts';
export { beginStamp, searchStamp, stampIsValid, type StampSearch } from './mail/stamp.ts';
export {
  decodeStatus,
  decodeStatusReport,
  encodeStatus,
  encodeStatusReport,
  type Status,
  type StatusReport,
} from './mail/status.ts';
export * from './mail/splice.ts';
export * from './mail/directory.ts';
export { decodeStored, encodeStored, type Stored } from './mail/stored.ts';
export {
  emptyMailStream,
  readMailStream,
  type MailItem,
  type MailRead,
  type MailStream,
} from './mail/stream.ts';
export {
  decodeSubscribe,
  decodeUnsubscribe,
  encodeSubscribe,
  encodeUnsubscribe,
  type Subscribe,
  type Unsubscribe,
} from './mail/subscribe.ts';
export { decodeTrim, encodeTrim, type Trim } from './mail/trim.ts';
export { isFeedKind, messageKindName, type MessageKindName } from './messages/kinds.ts';
export {
  contentFlags,
  decodeContent,
  encodeContent,
  feedTagOf,
  messageIdOf,
  type CausalLink,
  type MessageContent,
  type Origin,
} from './messages/content.ts';
export { decodeText, encodeText } from './messages/text.ts';
export {
  decodeReceipt,
  encodeReceipt,
  type LostRange,
  type Receipt,
  type ReceiptFeed,
  type SkippedFrames,
} from './messages/receipt.ts';
export { decodeCommit, encodeCommit, type CommitMessage } from './messages/commit.ts';
export { decodeWelcome, encodeWelcome, type WelcomeMessage } from './messages/welcome.ts';
export type { FeedLocation } from './messages/feed-location.ts';
export { decodeReachability, encodeReachability } from './messages/reachability.ts';
export * from './messages/heads.ts';
export { decodeAccountLogUpdate } from './messages/account-log-update.ts';
export { decodeVouches, encodeVouches } from './messages/vouches.ts';
export {
  decodeIntroduction,
  signIntroduction,
  type DecodedIntroduction,
  type Introduction,
} from './messages/introduction.ts';
export { pairConversationId } from './membership/pair.ts';
export * from './frames/layout.ts';
export {
  associatedAt,
  checkFrame,
  frameIncomplete,
  frameRefusalAt,
  frameRefused,
  frameSizeAt,
  generationAt,
  isMailFrameAt,
  nonceAt,
  routeAt,
  writeFrameHeader,
  type FrameHeader,
} from './frames/header.ts';
export { RouteTable, routeUnknown } from './frames/route-table.ts';
export { createFrameBatch, type FrameBatch, walkFrames, wordAfter } from './frames/walk.ts';
export { FrameSplitter, type ReceiveFrame } from './frames/splitter.ts';
export {
  contentRoom,
  contentStart,
  readSealedHeader,
  writeSealedHeader,
  type SealedHeader,
} from './frames/sealed-header.ts';
export { frameCount, frameTypeFor } from './frames/classes.ts';
export {
  decodeIntroductionPart,
  encodeIntroductionPart,
  intakeAssociated,
  type IntroductionPart,
} from './mail/introduction-part.ts';
export { createServer, mailVersion, stepServer } from './mail/server.ts';
export type * from './mail/server-types.ts';
export {
  debtEndsMs,
  fullBucket,
  refillBucket,
  takeTokens,
  type TokenBucket,
  type TokenRate,
} from './mail/token-bucket.ts';
export {
  createClientQueue,
  requestKey,
  type ClientQueue,
  type ClientQueueEffect,
  type ClientQueueInput,
  type ClientQueueStep,
  type PendingRequest,
  type ServedFrames,
  type RequestKey,
} from './mail/client-queue.ts';
export { stepClientQueue } from './mail/client-step.ts';
export { appendRoom } from './mail/client-append.ts';
export {
  emptyClientIntake,
  submitIntake,
  takeIntakeAnswer,
  type ClientIntake,
  type IntakeAnswer,
} from './mail/client-intake.ts';
export {
  createClientConnection,
  stepClientConnection,
  type ClientConnection,
  type ClientConnectionEffect,
  type ClientConnectionInput,
} from './mail/client-connection.ts';
export {
  deriveEpochKeys,
  feedSecretBytes,
  skipChain,
  stepChain,
  type ChainStep,
  type EpochKeys,
} from './feeds/chain.ts';
export {
  createWriter,
  hasReserved,
  nextEpoch,
  reserve,
  resume,
  type FeedWriter,
  type WriterChange,
  type WriterStart,
} from './feeds/writer.ts';
export {
  sealMessage,
  sealMessages,
  type FeedMessage,
  type Sealed,
  type SealedMessage,
  type SealedMessages,
} from './feeds/seal.ts';
export { createPlainFrameCipher, frameRunBytes } from './feeds/plain-frame-cipher.ts';
export {
  createReader,
  expireSkippedKeys,
  skippedDeadlineMs,
  type FeedReader,
  type ReaderChange,
} from './feeds/reader.ts';
export { skippedKeyCount } from './feeds/skipped-keys.ts';
export {
  openFrame,
  openFrames,
  type Opened as OpenedFeedFrame,
  type OpenedFrame,
  type OpenedFrames,
} from './feeds/open.ts';
export {
  addFrame,
  createAssembler,
  createSignedAssembler,
  type AssembledMessage,
  type Assembled,
  type Assembler,
} from './feeds/assembler.ts';
export {
  firstRunningHash,
  nextRunningHash,
  signatureBytes,
  signContent,
  signedFlag,
  unsignedContent,
  verifyContent,
  type HashedMessage,
} from './feeds/running-hash.ts';
export {
  decodeMembershipOperation,
  signMembershipOperation,
  type ConversationPolicy,
  type Founder,
  type MemberRole,
  type MembershipOp,
  type MembershipOperation,
  type MembershipStatement,
} from './membership/operation.ts';
export type { Member, Membership } from './membership/members.ts';
export { membershipHeads, replayMembership } from './membership/replay.ts';
