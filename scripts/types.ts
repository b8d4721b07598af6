// Type checks every member by its own tsconfig (so that `protocol` is checked without a platform), then tests,
// benchmarks and scripts by the root's. This is TypeScript 7's compiler; the package named `typescript` is
// version 6, for tools that need the old API.
import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import { root, runNode } from './processes.ts';

const compiler = 'node_modules/@typescript/native/bin/tsc';
const members = globSync(['packages/*', 'apps/*'], { cwd: root }).toSorted();
const projects = [...members, '.'].filter((project) => existsSync(path.join(root, project, 'tsconfig.json')));

let failures = 0;
for (const project of projects) {
  const { ok, output } = await runNode(compiler, ['-p', project, '--pretty', 'false']);
  if (ok) continue;
  failures++;
  process.stdout.write(`${project}:\n${output}`);
}
process.exitCode = failures === 0 ? 0 : 1;
