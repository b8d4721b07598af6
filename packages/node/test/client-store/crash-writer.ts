// A process to be killed: commits rows one by one and says each number once it is on disk.
import { openClientStore } from '@mycelium/node';
import { writeSync } from 'node:fs';

const [file = ''] = process.argv.slice(2);
const store = openClientStore({ file, key: new Uint8Array(32).fill(7) });
const start = store.scan('rows').length;
for (let number = start; number < start + 10; number += 1) {
  const key = Uint8Array.of(number >> 8, number & 255);
  // Two rows that belong together: a crash must not part them.
  await store.commit([
    { kind: 'put', table: 'rows', key, value: new Uint8Array(300).fill(number) },
    { kind: 'put', table: 'pairs', key, value: Uint8Array.of(number & 255) },
  ]);
  writeSync(1, `${number}\n`);
}
store.close();
