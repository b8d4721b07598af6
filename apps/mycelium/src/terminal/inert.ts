/**
 * Text of contacts made harmless for a terminal: whatever moves the cursor, changes colours, hides, or turns the
 * direction of writing around is shown as what it is. Spaces and lines stay.
 */

/** C0 (but tab and line feed), DEL, C1, bidi marks and overrides, separators, invisible ones and blank letters, tags, lone surrogates. */
const harmful =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\p{Cs}\u{e0000}-\u{e0fff}]|[\u034f\u17b4\u17b5]/gu;

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code); // ␛ and its like
  if (code === 0x7f) return '␡';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/** For text that may have several lines. Every further line is indented, so that none can pass for a line of ours. */
export function inertText(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(harmful, visible).replaceAll('\n', '\n    ');
}

/** For addresses, labels and the like: one line. */
export function inertLine(text: string): string {
  return text.replaceAll(harmful, visible).replaceAll('\n', '␊').replaceAll('\t', '␉');
}

/** JSON that says the same and is harmless where it is looked at. */
export function inertJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(harmful, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
