/**
 * Secret-stream with a bound on the records of the peer (spec/links.md, "Records"). The library allocates whatever
 * the 24-bit length prefix says, up to 16 MiB for each link, before a byte of it has come.
 */
import { NoiseSecretStream, type SecretStreamOptions } from '../declarations/secret-stream.ts';
import { recordBytesMax, recordOverheadBytes } from './bounds.ts';

export class BoundedSecretStream extends NoiseSecretStream {
  /** Of the length prefix being read, or 3 when inside a record. */
  #prefixRead = 0;
  #length = 0;
  /** Bytes of the record that have not come yet. */
  #missing = 0;

  override _onrawdata(bytes: Uint8Array): void {
    if (this.#withinBounds(bytes)) super._onrawdata(bytes);
    else this.destroy(new Error('record too long'));
  }

  #withinBounds(bytes: Uint8Array): boolean {
    let at = 0;
    while (at < bytes.length) {
      if (this.#missing > 0) {
        const step = Math.min(this.#missing, bytes.length - at);
        this.#missing -= step;
        at += step;
        continue;
      }
      this.#length += (bytes[at] ?? 0) * 256 ** this.#prefixRead;
      this.#prefixRead += 1;
      at += 1;
      if (this.#prefixRead < 3) continue;
      if (this.#length > recordBytesMax + recordOverheadBytes) return false;
      this.#missing = this.#length;
      this.#prefixRead = 0;
      this.#length = 0;
    }
    return true;
  }
}

/** For hyperdht, which makes its streams through this hook. */
export function createSecretStream(
  initiator: boolean,
  rawStream: object | null,
  options: SecretStreamOptions,
): BoundedSecretStream {
  return new BoundedSecretStream(initiator, rawStream, { ...options, enableSend: false });
}
