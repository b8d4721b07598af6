// Writes vectors/*.json: one file for each generator in this folder. A generator exports `generate`, which answers the
// content; bytes are lower-case hexadecimal. Everything is derived from fixed seeds, so a second run changes nothing.
//
//   npm run vectors             write
//   npm run vectors -- --check  only tell what would change, exit 1 if anything
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = path.dirname(fileURLToPath(import.meta.url));
const check = process.argv.includes('--check');

interface Generator {
  generate(): unknown;
}

function isGenerator(module: unknown): module is Generator {
  return (
    typeof module === 'object' &&
    module !== null &&
    'generate' in module &&
    typeof module.generate === 'function'
  );
}

let changed = 0;
for (const file of readdirSync(folder).toSorted()) {
  if (file === 'main.ts' || !file.endsWith('.ts')) continue;
  const module: unknown = await import(path.join(folder, file));
  if (!isGenerator(module)) throw new Error(`vectors/generate/${file} has to export a function "generate"`);
  const text = `${JSON.stringify(await module.generate(), undefined, 2)}\n`;
  const target = path.join(folder, '..', file.replace(/\.ts$/, '.json'));
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue;
  changed += 1;
  process.stdout.write(`${path.basename(target)}: ${check ? 'differs' : 'written'}\n`);
  if (!check) writeFileSync(target, text);
}
if (check && changed > 0) process.exitCode = 1;
