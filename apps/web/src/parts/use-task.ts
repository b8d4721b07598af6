/** Something that the node is asked to do: while it runs, and how it failed. */
import { useState } from 'react';
import { useTexts } from '../texts/texts.ts';
import { failureText } from './failure.ts';

export interface Task {
  readonly busy: boolean;
  readonly failure: string | undefined;
  /** One at a time; a failure is shown until the next begins. */
  readonly run: (work: () => Promise<unknown>) => void;
}

export function useTask(): Task {
  const { say } = useTexts();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const run = (work: () => Promise<unknown>): void => {
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    work()
      .catch((error: unknown) => setFailure(failureText(error, say)))
      .finally(() => setBusy(false));
  };
  return { busy, failure, run };
}
