/** One version for the whole workspace. */
export const version = '0.1.0';
