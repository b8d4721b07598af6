// The import fences: none may be broken in our code, and each must be broken in the fixture. Without the second
// half dependency-cruiser can read no TypeScript at all (it needs the old compiler API) and report a clean tree.
import { createRequire } from 'node:module';
import path from 'node:path';
import { root, runNode } from './processes.ts';

const cruiser = 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs';
const config = '.dependency-cruiser.cjs';
const fixture = 'scripts/fences/fixture';

const code = await runNode(cruiser, ['--config', config, '--output-type', 'err', 'packages', 'apps', 'test']);
if (!code.ok) process.stdout.write(code.output);

const broken = await runNode(cruiser, ['--config', config, '--output-type', 'err', fixture]);
const rules = createRequire(import.meta.url)(path.join(root, config)) as { forbidden: { name: string }[] };
const silent = rules.forbidden.filter(({ name }) => !broken.output.includes(` ${name}:`));
for (const { name } of silent)
  process.stdout.write(`The fence ${name} let its fixture in ${fixture} through\n`);
if (silent.length > 0) process.stdout.write(broken.output);

process.exitCode = code.ok && silent.length === 0 ? 0 : 1;
