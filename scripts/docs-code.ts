// Runs the code of the documentation: each fenced block that opens with ```ts run or ```sh run, in README.md,
// CONTRIBUTING.md and docs/. A ts block runs as a file inside the repository, so it can import our packages; a sh
// block runs with `sh -e` in an empty folder, the repository's root in $ROOT.
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Finished, root, runCommand, runNode } from './processes.ts';

const blockPattern = /^```(ts|sh) run[^\n]*\n([\s\S]*?)^```/gm;
const timeoutMs = 60_000;

mkdirSync(path.join(root, '.cache'), { recursive: true });
const work = mkdtempSync(path.join(root, '.cache', 'docs-code-'));

function runBlock(language: string, code: string, name: string): Promise<Finished> {
  if (language === 'sh') {
    const cwd = mkdtempSync(path.join(work, 'sh-'));
    return runCommand('sh', ['-e', '-c', code], { cwd, env: { ROOT: root, HOME: cwd }, timeoutMs });
  }
  const file = path.join(work, `${name}.ts`);
  writeFileSync(file, code);
  return runNode(file, [], { timeoutMs });
}

let failures = 0;
const files = globSync(['README.md', 'CONTRIBUTING.md', 'docs/**/*.md'], { cwd: root }).toSorted();
for (const file of files) {
  const text = readFileSync(path.join(root, file), 'utf8');
  for (const match of text.matchAll(blockPattern)) {
    const [, language = '', code = ''] = match;
    const line = text.slice(0, match.index).split('\n').length;
    const { ok, output } = await runBlock(language, code, `${path.basename(file, '.md')}-${line}`);
    if (ok) continue;
    failures++;
    process.stdout.write(`${file}:${line}: this block failed\n${output}\n`);
  }
}
rmSync(work, { recursive: true, force: true });
process.exitCode = failures === 0 ? 0 : 1;
