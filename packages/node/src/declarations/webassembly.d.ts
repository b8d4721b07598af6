/** What we use of WebAssembly: its types are part of the DOM's, which Node has not. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class CompileError extends Error {}
  class Instance {
    constructor(module: Module);
    readonly exports: unknown;
  }
}
