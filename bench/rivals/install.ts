/**
 * Installs what we compare with, once, into this folder: 160 MB that nobody needs who only wants a messenger. From the
 * lock file here, without install scripts: libsignal's binary is inside its package, and the native extras of
 * msgpackr and cbor-x only speed up strings, of which frames have none.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = import.meta.dirname;

function wanted(): readonly string[] {
  const text = readFileSync(path.join(folder, 'package.json'), 'utf8');
  return Object.keys((JSON.parse(text) as { readonly dependencies: object }).dependencies);
}

/** Why they are not here, or undefined when they are. */
export function installRivals(): string | undefined {
  if (wanted().every((name) => existsSync(path.join(folder, 'node_modules', name)))) return undefined;
  process.stderr.write('Installing what the benchmarks compare with (once, into bench/rivals)…\n');
  const args = ['install', '--no-save', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
  const npm = spawnSync('npm', [...args, '--loglevel=error'], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (npm.status === 0) return undefined;
  return `npm could not install bench/rivals: ${(npm.stderr || String(npm.error)).trim().split('\n')[0]}`;
}
