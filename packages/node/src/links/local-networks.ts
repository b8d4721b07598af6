/** When the addresses of this machine change. */
import { networkInterfaces } from 'node:os';

/** No system that we run on tells Node when an interface comes or goes; asking takes some 50 µs. */
const lookEveryMs = 1_000;

/** Calls `changed` when an address of this machine has come or gone. Answers how to end that. */
export function watchNetworks(changed: () => void): () => void {
  const addresses = (): string =>
    Object.entries(networkInterfaces())
      .flatMap(([name, all = []]) =>
        all.map(({ address, internal }) => (internal ? '' : `${name} ${address}`)),
      )
      .toSorted()
      .join();
  let known = addresses();
  const timer = setInterval(() => {
    const now = addresses();
    if (now === known) return;
    known = now;
    changed();
  }, lookEveryMs).unref();
  return () => clearInterval(timer);
}
