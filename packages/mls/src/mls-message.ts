/** One MLSMessage (RFC 9420 §6) of a wanted kind. ts-mls answers undefined for some malformed input and throws for other. */
import { accept, refuse, type Result } from '@mycelium/protocol';
import { decodeMlsMessage, type MLSMessage } from 'ts-mls';

type WireFormat = MLSMessage['wireformat'];

export function decodeMessage<Wanted extends WireFormat>(
  bytes: Uint8Array,
  wanted: Wanted,
  where: string,
): Result<Extract<MLSMessage, { readonly wireformat: Wanted }>> {
  const malformed = refuse('malformed', where, `is one ${wanted} and nothing more (RFC 9420 §6)`);
  let decoded: ReturnType<typeof decodeMlsMessage>;
  try {
    decoded = decodeMlsMessage(bytes, 0);
  } catch {
    return malformed;
  }
  if (decoded === undefined || decoded[1] !== bytes.length) return malformed;
  const [message] = decoded;
  return isOf(message, wanted) ? accept(message) : malformed;
}

function isOf<Wanted extends WireFormat>(
  message: MLSMessage,
  wanted: Wanted,
): message is Extract<MLSMessage, { readonly wireformat: Wanted }> {
  return message.wireformat === wanted;
}
