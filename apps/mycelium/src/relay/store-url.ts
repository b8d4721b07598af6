/** Where a relay keeps mail, as `--store` and `store.url` name it. One kind so far, a URL so that there can be others. */
import { fileURLToPath } from 'node:url';
import type { ValueKind } from './config-values.ts';

/** Reads as the folder. */
export const storeUrl: ValueKind<string> = {
  allowed: 'file:///FOLDER',
  read: (value) => {
    try {
      return typeof value === 'string' && value.startsWith('file:') ? fileURLToPath(value) : undefined;
    } catch {
      return undefined;
    }
  },
};
