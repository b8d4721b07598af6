/**
 * Browsers that were paired with this node. Each has a token of its own, of which only the hash is kept here; who forgets
 * a browser ends what its token is good for.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Browser } from '@mycelium/api';
import * as v from 'valibot';
import { readPrivate, writePrivate } from './private-files.ts';

const browsersMax = 16;

interface Paired extends Browser {
  /** SHA-256 of the token, in hexadecimal. */
  readonly tokenHash: string;
}

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const fileSchema = v.object({
  version: v.literal(1),
  browsers: v.array(v.object({ id: v.string(), name: v.string(), since: v.number(), tokenHash: hash })),
});

export class Browsers {
  readonly #file: string;
  #paired: readonly Paired[];

  constructor(file: string) {
    this.#file = file;
    this.#paired = read(file);
  }

  /** Its token. The oldest of too many leaves. */
  add(name: string, nowMs: number): string {
    const token = randomBytes(32).toString('base64url');
    const id = randomBytes(4).toString('hex');
    this.#keep([...this.#paired, { id, name, since: nowMs, tokenHash: hashOf(token).toString('hex') }]);
    return token;
  }

  /** Compares with all of them, whichever it is. */
  isToken(given: string): boolean {
    const given32 = hashOf(given);
    const matches = this.#paired.filter(({ tokenHash }) =>
      timingSafeEqual(Buffer.from(tokenHash, 'hex'), given32),
    );
    return matches.length > 0;
  }

  list(): readonly Browser[] {
    return this.#paired.map(({ id, name, since }) => ({ id, name, since }));
  }

  /** False: there is none of this id. */
  forget(id: string): boolean {
    const left = this.#paired.filter((browser) => browser.id !== id);
    if (left.length === this.#paired.length) return false;
    this.#keep(left);
    return true;
  }

  #keep(paired: readonly Paired[]): void {
    const kept = paired.slice(-browsersMax);
    writePrivate(this.#file, `${JSON.stringify({ version: 1, browsers: kept })}\n`);
    this.#paired = kept;
  }
}

/** A damaged file has paired nobody: browsers are paired again with a code. */
function read(file: string): readonly Paired[] {
  try {
    const checked = v.safeParse(fileSchema, JSON.parse(readPrivate(file) ?? ''));
    return checked.success ? checked.output.browsers : [];
  } catch {
    return [];
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
