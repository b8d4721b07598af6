// After a dependency changed in a package.json:  node scripts/relock.js
//
// Brings package-lock.json up to date and makes it whole. A registry mirror may lack the packages that carry a
// tool's binary for platforms other than its own; npm then leaves them out of the lock file, and `npm ci` refuses
// such a lock file everywhere ("Missing: @oxlint/binding-darwin-arm64@ from lock file"). So each optional
// dependency that is named but not locked gets an entry with its exact version and platform.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const lockPath = path.join(root, 'package-lock.json');

const systems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

/** The entry for a platform package, its platform read off its name; undefined where the name tells none. */
function platformEntry(name, version, parent) {
  const words = name.split(/[/-]/);
  const os = words.find((word) => systems.includes(word));
  const cpu = words.find((word) => processors.includes(word));
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+[\w.-]*$/.test(version)) return undefined;
  const libc = words.includes('musl') ? 'musl' : words.includes('gnu') ? 'glibc' : undefined;
  return {
    version,
    cpu: [cpu],
    ...(parent.dev && { dev: true }),
    ...(libc && { libc: [libc] }),
    optional: true,
    os: [os],
  };
}

const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
const npm = spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
if (npm.status !== 0) process.exit(1);

const lock = JSON.parse(fs.readFileSync(lockPath, 'utf8'));
let added = 0;
for (const [location, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const nested = `${location}/node_modules/${name}`;
    const hoisted = `node_modules/${name}`;
    if (lock.packages[nested] ?? lock.packages[hoisted]?.version) continue;
    const entry = platformEntry(name, version, parent);
    if (entry === undefined) continue;
    lock.packages[hoisted] = entry;
    added++;
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
fs.writeFileSync(lockPath, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`package-lock.json is whole (${added} platform packages added by name).\n`);
