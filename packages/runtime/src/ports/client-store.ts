/**
 * Where a person's client keeps everything: ordered tables of bytes, and one durable transaction for each
 * protocol step. The adapter encrypts; the client decides what a row means. Reads see the last transaction.
 */

export type Write =
  | { readonly kind: 'put'; readonly table: string; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: 'delete'; readonly table: string; readonly key: Uint8Array }
  /** Every key from `from` (inclusive) to `to` (exclusive). */
  | {
      readonly kind: 'delete-range';
      readonly table: string;
      readonly from: Uint8Array;
      readonly to: Uint8Array;
    };

export interface Row {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface ScanRange {
  /** Inclusive. */
  readonly from?: Uint8Array;
  /** Exclusive. */
  readonly to?: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
}

export interface ClientStore {
  /**
   * All of it or nothing: on disk when this resolves, and read by nobody before. One at a time: the next one begins
   * when this one has ended.
   * @throws ClientStoreError `full`, `failed`: nothing was changed, later calls may succeed
   */
  commit(writes: readonly Write[]): Promise<void>;
  get(table: string, key: Uint8Array): Uint8Array | undefined;
  /** Rows in order of their keys' bytes. */
  scan(table: string, range?: ScanRange): readonly Row[];
  close(): void;
}

export type ClientStoreErrorCode = 'full' | 'failed' | 'wrong-key' | 'in-use' | 'corrupt' | 'newer-version';

export class ClientStoreError extends Error {
  readonly code: ClientStoreErrorCode;

  constructor(code: ClientStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClientStoreError';
    this.code = code;
  }
}
