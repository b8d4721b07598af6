/** What a person types next, for sentences: with this clone's program and this data folder, so that it can be copied. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultDataFolder } from './data-folder.ts';

const program = fileURLToPath(new URL('../../../bin/mycelium.js', import.meta.url));

/** No `npx`: outside of this folder it would fetch whatever has the name at the registry. */
export function typedCommand(
  words: string,
  data: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const near = path.relative(process.cwd(), program);
  const file = near.startsWith('..') ? program : near;
  const folder = data === path.resolve(defaultDataFolder(env)) ? '' : ` --data ${quoted(data)}`;
  return `node ${quoted(file)} ${words}${folder}`;
}

/** As a shell reads it. */
function quoted(text: string): string {
  if (/^[\w./\\:@%+=-]+$/.test(text)) return text;
  return process.platform === 'win32' ? `"${text}"` : `'${text.replaceAll("'", `'\\''`)}'`;
}
