/**
 * `FrameCipher` in WebAssembly (spec/feeds.md, "Keys"): kernel.wasm is built from assembly/ by `npm run kernel`. It imports nothing, has
 * one page of memory and needs fixed-width SIMD, which browsers have since 2023. Loading it is the platform's part:
 * instantiate the bytes of `@mycelium/kernel/kernel.wasm` without imports, and give the exports here.
 */
import type { FrameCipher } from '@mycelium/protocol';

interface Address {
  readonly value: number;
}

/** What an instance of kernel.wasm exports. Addresses are offsets in its memory. */
export interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly RUN: Address;
  readonly RUN_BYTES: Address;
  readonly CHAIN_KEY: Address;
  readonly MESSAGE_KEY: Address;
  readonly NONCE: Address;
  readonly seal: (end: number) => void;
  readonly open: (end: number) => number;
  /** One message that need not be a frame, for test vectors: see assembly/aead.ts. */
  readonly sealText: (associatedLength: number, length: number) => void;
  /** 1 when the tag fits, else 0. */
  readonly openText: (associatedLength: number, length: number) => number;
  /** Poly1305 alone, for test vectors. */
  readonly tagBlocks: (length: number) => void;
}

const KEY_BYTES = 32;

export function createKernelFrameCipher(kernel: Kernel): FrameCipher {
  const { buffer } = kernel.memory;
  const memory = new Uint8Array(buffer, kernel.RUN.value, kernel.RUN_BYTES.value);
  const key = new Uint8Array(buffer, kernel.CHAIN_KEY.value, KEY_BYTES);
  const takeKey = (chainKey: Uint8Array): void => {
    if (chainKey.length !== KEY_BYTES) throw new RangeError(`a chain key has ${KEY_BYTES} bytes`);
    key.set(chainKey);
  };
  const giveKey = (chainKey: Uint8Array): void => {
    chainKey.set(key);
    key.fill(0);
  };
  return {
    memory,
    view: new DataView(buffer, memory.byteOffset, memory.byteLength),
    seal: (chainKey, end) => {
      takeKey(chainKey);
      kernel.seal(end);
      giveKey(chainKey);
    },
    open: (chainKey, end) => {
      takeKey(chainKey);
      const stopped = kernel.open(end);
      giveKey(chainKey);
      return stopped;
    },
  };
}
