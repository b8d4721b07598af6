/** How the program says that something did not work: a sentence, a code for scripts, an exit code. */

/** Exit 1: what was asked for could not be done. */
export class FailedError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FailedError';
    this.code = code;
  }
}

/** Exit 2: it could not have worked however things stand. */
export class UsageError extends Error {
  readonly code: string;

  constructor(message: string, code = 'usage') {
    super(message);
    this.name = 'UsageError';
    this.code = code;
  }
}
