/** A step log holds what cannot be what was written. */
export class DamagedLogError extends Error {}
