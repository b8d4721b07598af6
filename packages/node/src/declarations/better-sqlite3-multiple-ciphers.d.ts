/** The part that we use. The package has types, but its `exports` hide them from `moduleResolution: nodenext`. */
declare module 'better-sqlite3-multiple-ciphers' {
  class Database {
    readonly open: boolean;
    constructor(file: string, options?: { readonly timeout?: number; readonly readonly?: boolean });
    prepare<Parameters extends readonly unknown[] = readonly unknown[], Result = unknown>(
      sql: string,
    ): Database.Statement<Parameters, Result>;
    transaction<Parameters extends readonly unknown[]>(
      work: (...parameters: Parameters) => void,
    ): Database.Transaction<Parameters>;
    exec(sql: string): this;
    /** The key as it would stand between the quotes of `PRAGMA key`. Empty: no encryption. */
    key(key: Buffer): number;
    rekey(key: Buffer): number;
    pragma(text: string, options?: { readonly simple?: boolean }): unknown;
    close(): this;
  }
  namespace Database {
    interface Statement<Parameters extends readonly unknown[], Result> {
      run(...parameters: Parameters): { readonly changes: number };
      get(...parameters: Parameters): Result | undefined;
      all(...parameters: Parameters): Result[];
      /** Answers the first column alone. */
      pluck(): this;
    }
    interface Transaction<Parameters extends readonly unknown[]> {
      (...parameters: Parameters): void;
      readonly immediate: (...parameters: Parameters) => void;
    }
  }
  export default Database;
}
