/** Kind 1, text (spec/messages.md): the body is the text in UTF-8 and nothing else. Shown as inert text. */
import { decodeUtf8 } from '../bytes/reader.ts';
import { encodeUtf8 } from '../bytes/writer.ts';
import { accept, refuse, type Result } from '../errors.ts';
import { textBytesMax } from '../limits.ts';

/** Refuses what cannot be sent: nothing, too much, lone surrogates. */
export function encodeText(text: string): Result<Uint8Array> {
  if (text.length === 0) return refuse('length', 'text', 'has at least one character');
  if (!text.isWellFormed()) return refuse('utf-8', 'text', 'is well-formed Unicode');
  const bytes = encodeUtf8(text);
  if (bytes.length > textBytesMax)
    return refuse('length', 'text', `is at most ${textBytesMax} bytes of UTF-8`);
  return accept(bytes);
}

export function decodeText(body: Uint8Array): Result<string> {
  if (body.length === 0) return refuse('length', 'text', 'has at least one character');
  if (body.length > textBytesMax)
    return refuse('length', 'text', `is at most ${textBytesMax} bytes of UTF-8`);
  const text = decodeUtf8(body);
  return text === undefined ? refuse('utf-8', 'text', 'is well-formed UTF-8') : accept(text);
}
