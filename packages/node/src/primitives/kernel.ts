/**
 * The WebAssembly kernel for runs of frames (packages/kernel, docs/decisions/0006-kernel.md): one instance for the process.
 * `MYCELIUM_KERNEL=off` leaves it out, and so does a Node without WebAssembly (`--jitless`); libsodium does its work then.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createKernelFrameCipher, type Kernel } from '@mycelium/kernel';
import type { FrameCipher } from '@mycelium/protocol';

let instance: FrameCipher | undefined;

/** Frames are sealed and opened synchronously, so one instance is enough for all who ask. */
export function kernelFrameCipher(): FrameCipher {
  instance ??= createKernelFrameCipher(loadKernel());
  return instance;
}

export function loadKernel(): Kernel {
  const file = createRequire(import.meta.url).resolve('@mycelium/kernel/kernel.wasm');
  return new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file))).exports as Kernel;
}

export function isKernelWanted(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  return environment['MYCELIUM_KERNEL'] !== 'off' && typeof WebAssembly === 'object';
}
