/**
 * The WebAssembly kernel for runs of frames (packages/kernel, docs/decisions/0006-kernel.md): one instance for the process.
 * `MYCELIUM_KERNEL=off` leaves it out. So does a machine that cannot run it, and libsodium does its work then.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createKernelFrameCipher, type Kernel } from '@mycelium/kernel';
import type { FrameCipher } from '@mycelium/protocol';

let started: { readonly cipher: FrameCipher | undefined } | undefined;

/**
 * Frames are sealed and opened synchronously, so one instance is enough for all who ask. Undefined where there is none to be had: a
 * processor without 128-bit SIMD, a process whose address space is limited below what V8 reserves for a memory.
 */
export function kernelFrameCipher(): FrameCipher | undefined {
  started ??= { cipher: startKernel(kernelBytes()) };
  return started.cipher;
}

export function startKernel(bytes: Uint8Array): FrameCipher | undefined {
  try {
    return createKernelFrameCipher(loadKernel(bytes));
  } catch (error) {
    if (error instanceof WebAssembly.CompileError || error instanceof RangeError) return undefined;
    throw error;
  }
}

export function loadKernel(bytes: Uint8Array = kernelBytes()): Kernel {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Kernel;
}

function kernelBytes(): Uint8Array {
  return readFileSync(createRequire(import.meta.url).resolve('@mycelium/kernel/kernel.wasm'));
}

export function isKernelWanted(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  return environment['MYCELIUM_KERNEL'] !== 'off';
}
