/** Adapters for Node: links, hyperdht, SQLite, relay stores, key custody. */
export {};
