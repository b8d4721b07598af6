/** Adapters for Node: links, hyperdht, SQLite, relay stores, key custody. */
export { createPrimitives } from './primitives/primitives.ts';
