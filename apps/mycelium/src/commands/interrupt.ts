/** Ctrl-C and termination, as something to wait for. A second one ends the process at once. */

export interface Interruption {
  readonly happened: Promise<undefined>;
  forget(): void;
}

/** `hangUpToo`: a terminal that goes away, as well. */
export function untilInterrupted({ hangUpToo = true }: { readonly hangUpToo?: boolean } = {}): Interruption {
  const signals = ['SIGINT', 'SIGTERM', ...(hangUpToo ? (['SIGHUP'] as const) : [])] as const;
  let times = 0;
  let tell = (): void => undefined;
  const happened = new Promise<undefined>((resolve) => {
    tell = () => resolve(undefined);
  });
  const interrupt = (): void => {
    times += 1;
    if (times > 1) process.exit(1);
    tell();
  };
  for (const signal of signals) process.on(signal, interrupt);
  const forget = (): void => {
    for (const signal of signals) process.off(signal, interrupt);
  };
  return { happened, forget };
}
