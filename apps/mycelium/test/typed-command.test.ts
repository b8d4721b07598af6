// What a person is told to type works when it is copied.
import path from 'node:path';
import { expect, test } from 'vitest';
import { defaultDataFolder } from '../src/data-folder.ts';
import { typedCommand } from '../src/typed-command.ts';

test('the usual data folder needs no option', () => {
  expect(typedCommand('invite', path.resolve(defaultDataFolder({})), {})).toBe('node bin/mycelium.js invite');
});

test('another data folder is named, as a shell reads it', () => {
  if (process.platform === 'win32') return;
  expect(typedCommand('status', '/srv/alice', {})).toBe('node bin/mycelium.js status --data /srv/alice');
  expect(typedCommand('status', "/srv/Bob's dätä; rm", {})).toBe(
    "node bin/mycelium.js status --data '/srv/Bob'\\''s dätä; rm'",
  );
});
