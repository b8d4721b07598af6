/** Contract of the local API: methods, events, schemas, codes, thin caller. */
export {};
