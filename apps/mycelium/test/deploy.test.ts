// What an operator installs: a unit for systemd and a Containerfile. Neither is started here; both are read by those who know them.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const unit = readFileSync(path.join(root, 'deploy/mycelium-relay.service'), 'utf8');
const containerfile = readFileSync(path.join(root, 'deploy/Containerfile'), 'utf8');

/** Words of the program in a line, from `up` on. */
function upWords(line: string): readonly string[] {
  const words = line.replaceAll(/[[\]",]/g, ' ').split(/\s+/);
  return words.slice(words.indexOf('up')).filter((word) => word !== '');
}

function systemdMissing(): string | undefined {
  const found = spawnSync('systemd-analyze', ['--version']);
  return found.status === 0 ? undefined : 'systemd-analyze is not here';
}

test('systemd finds nothing wrong with the unit', ({ skip }) => {
  const missing = systemdMissing();
  if (missing !== undefined) skip(missing);
  const folder = mkdtempSync(path.join(tmpdir(), 'mycelium-unit-'));
  try {
    // It looks for the program, too: this machine's Node need not be in /usr/bin.
    const file = path.join(folder, 'mycelium-relay.service');
    writeFileSync(file, unit.replace('ExecStart=/usr/bin/node', `ExecStart=${process.execPath}`));
    const verified = spawnSync('systemd-analyze', ['verify', '--recursive-errors=no', file], {
      encoding: 'utf8',
    });
    expect(verified.stderr.split('\n').filter((line) => line.includes('mycelium'))).toEqual([]);
    writeFileSync(file, unit.replace('Type=exec', 'Typo=exec'));
    const wrong = spawnSync('systemd-analyze', ['verify', '--recursive-errors=no', file], {
      encoding: 'utf8',
    });
    expect(wrong.stderr).toContain('Typo');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the Containerfile is one', () => {
  expect(validate(containerfile).map(({ message }) => message)).toEqual([]);
  expect(validate(containerfile.replace('ENTRYPOINT', 'ENTRYPIONT'))).not.toEqual([]);
  const copied = [...containerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, names = '']) =>
    names.split(' '),
  );
  expect(copied.filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
  expect(containerfile).toMatch(/^USER node$/m);
});

test('both run the program with options that it has', () => {
  const main = path.join(root, 'apps/mycelium/src/main.js');
  const help = execFileSync(process.execPath, [main, 'up', '--help'], { encoding: 'utf8' });
  const lines = [/^ExecStart=.*$/m.exec(unit)?.[0] ?? '', /^CMD .*$/m.exec(containerfile)?.[0] ?? ''];
  for (const line of lines) {
    const words = upWords(line);
    expect(words.slice(0, 3)).toEqual(['up', '--roles', 'relay']);
    for (const option of words.filter((word) => word.startsWith('--'))) expect(help).toContain(option);
  }
  expect(unit).toContain('/apps/mycelium/src/main.js');
});
