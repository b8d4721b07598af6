/**
 * What the role relay has of the directory: it asks for those who reach none of its nodes, and publishes the claims of its
 * accounts again while they are away (spec/mail.md, "Directory"). What it publishes is in a file, as a directory node's is.
 */
import { readClaimFile, writeClaimFile } from '@mycelium/node';
import type { Primitives } from '@mycelium/protocol';
import { ClaimKeeper, DirectoryDesk, type Clock, type DirectoryNetwork } from '@mycelium/runtime';
import { anonymousError, type Log } from './log.ts';

export interface KeptClaimsWish {
  readonly file: string;
  readonly clock: Clock;
  readonly primitives: Primitives;
  readonly directory: DirectoryNetwork;
  readonly log: Log;
}

export interface KeptClaims {
  readonly desk: DirectoryDesk;
  stop(): Promise<void>;
}

const writeEveryMs = 300_000;

export async function openKeptClaims(wish: KeptClaimsWish): Promise<KeptClaims> {
  const { file, clock, log } = wish;
  const keeper = new ClaimKeeper(wish);
  const desk = new DirectoryDesk({ ...wish, keeper });
  await readClaimFile(file, keeper.table, clock.nowMs());
  keeper.start();
  let cancel: () => void = () => undefined;
  let writing = Promise.resolve();
  const write = (): Promise<void> => {
    writing = writing
      .then(() => writeClaimFile(file, keeper.table, clock.nowMs()))
      .catch((error: unknown) => log.warn('relay', `could not write claims: ${anonymousError(error)}`));
    return writing;
  };
  const writeLater = (): void => {
    cancel = clock.after(writeEveryMs, () => {
      void write();
      desk.tidy();
      writeLater();
    });
  };
  writeLater();
  return {
    desk,
    async stop() {
      cancel();
      keeper.stop();
      await write();
    },
  };
}
