// oxlint with its typed rules; then the fixture that must fail, so that neither the bans nor the typed rules
// can be switched off without anybody noticing.
import path from 'node:path';
import { root, runNode } from './processes.ts';

const oxlint = 'node_modules/oxlint/bin/oxlint';
const code = await runNode(oxlint, [
  '--type-aware',
  '--disable-nested-config',
  '--deny-warnings',
  ...process.argv.slice(2),
]);
process.stdout.write(code.output);

const folder = 'scripts/lint/fixture';
const fixture = await runNode(oxlint, ['--type-aware'], { cwd: path.join(root, folder) });
const rules = ['no-restricted-globals', 'no-restricted-properties', 'no-floating-promises'];
const silent = rules.filter((rule) => !fixture.output.includes(rule));
for (const rule of silent)
  process.stdout.write(`The lint rule ${rule} did not see its fixture in ${folder}\n`);

process.exitCode = code.ok && silent.length === 0 ? 0 : 1;
