/** Why the relay cannot keep its mail in NATS. `code` is stable; the message says what to do. */
export type JetStreamStoreErrorCode = 'store-unreachable' | 'store-refused' | 'store-durability';

export class JetStreamStoreError extends Error {
  readonly code: JetStreamStoreErrorCode;

  constructor(code: JetStreamStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JetStreamStoreError';
    this.code = code;
  }
}
