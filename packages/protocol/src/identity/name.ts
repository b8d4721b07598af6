/**
 * Names: PRECIS profile UsernameCaseMapped (RFC 8265 §3.3) over the IdentifierClass. Spec: spec/identity.md, "Names".
 *
 * Order (RFC 8265 §3.3.2): width mapping, lower case, NFC, then the checks: class, context, direction.
 */
import { unicodeTables as tables } from './unicode-tables.ts';
import { encodeUtf8 } from '../bytes/writer.ts';
import { accept, refuse, type Result } from '../errors.ts';
import { nameBytesMax } from '../limits.ts';
import { precisProperty } from './precis-class.ts';
import { contextAllows } from './precis-context.ts';

const where = 'address.name';
/** Code points whose decomposition type is <wide> or <narrow> (RFC 8264 §5.2.1). */
const wideOrNarrow = /[\u{3000}\u{ff01}-\u{ff60}\u{ffe0}-\u{ffe6}\u{ff61}-\u{ffdc}\u{ffe8}-\u{ffee}]/gu;

/** The canonical form of a name, or the rule that it breaks. */
export function parseName(text: string): Result<string> {
  let name = text;
  // RFC 8264 §7: applied until nothing changes; a string that is not stable after three more rounds is refused.
  for (let round = 0; round < 4; round += 1) {
    const mapped = mapName(name);
    if (mapped === name) return checkName(mapped);
    name = mapped;
  }
  return mapName(name) === name
    ? checkName(name)
    : refuse('unstable', where, 'has one canonical form (RFC 8264 §7)');
}

function mapName(text: string): string {
  const narrowed = text.replace(wideOrNarrow, (character) => character.normalize('NFKC'));
  return narrowed.toLowerCase().normalize('NFC');
}

function checkName(name: string): Result<string> {
  if (name === '') return refuse('empty', where, 'is not empty');
  if (!name.isWellFormed()) return refuse('surrogate', where, 'is well-formed Unicode');
  if (encodeUtf8(name).length > nameBytesMax) {
    return refuse('length', where, `is at most ${nameBytesMax} bytes of UTF-8 after mapping`);
  }
  const characters = Array.from(name);
  for (const [at, character] of characters.entries()) {
    const property = precisProperty(character);
    if (property.kind === 'disallowed') {
      return refuse(
        property.category,
        where,
        `has only characters that names may have; character ${at + 1} is of the kind "${property.category}" (RFC 8264 §8)`,
      );
    }
    if (property.kind === 'contextual' && !contextAllows(characters, at)) {
      return refuse(
        'context',
        where,
        `has character ${at + 1} only beside characters that it belongs to (RFC 5892 appendix A)`,
      );
    }
  }
  if (!directionAllows(name)) {
    return refuse('bidi', where, 'does not mix directions of writing (RFC 5893 §2)');
  }
  return accept(name);
}

/** RFC 5893 §2, for names with a character written from right to left; others pass (RFC 8265 §3.3.2). */
function directionAllows(name: string): boolean {
  if (!tables.bidiDomain.test(name)) return true;
  const first = Array.from(name)[0] ?? '';
  if (tables.bidiS1RTL.test(first)) {
    const mixesNumbers = tables.bidiS4EN.test(name) && tables.bidiS4AN.test(name);
    return tables.bidiS2.test(name) && tables.bidiS3.test(name) && !mixesNumbers;
  }
  return tables.bidiS1LTR.test(first) && tables.bidiS5.test(name) && tables.bidiS6.test(name);
}
