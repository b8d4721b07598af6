import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connect } from '../src/connection.ts';
import { runProgram } from '../src/program.ts';
import { Machine, Screen } from './stand-ins/machine.ts';

vi.setConfig({ testTimeout: 60_000 });

const bob = 'bob@example.com';
let machine: Machine;
beforeEach(async () => {
  machine = new Machine();
  await machine.json('init', 'alice@example.com');
  await machine.up();
  await machine.json('accept', 'mycelium:invite');
});
afterEach(() => machine.end());

/** What somebody at a terminal sees. */
async function seen(env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
  const screen = new Screen(machine.data, true);
  const { input, output, errors } = screen;
  const terminal = { input, output, errors, env: { ...screen.env, ...env } };
  expect(await runProgram(args, terminal, () => Promise.resolve(machine.daemon))).toBe(0);
  screen.input.end();
  return screen.printed;
}

test('contact verify shows everything to compare: as fields, as text, and drawn at a terminal', async () => {
  const [fields] = await machine.json('contact', 'verify', bob);
  expect(Object.keys(fields ?? {})).toEqual([
    'address',
    'safetyNumber',
    'words',
    'code',
    'picture',
    'ownPicture',
    'trust',
    'trustReason',
  ]);
  const piped = await machine.run('contact', 'verify', bob);
  expect(piped.stdout).toContain('aardvark');
  expect(piped.stdout).toContain('rust, 5 threads, 2 rings');
  expect(piped.stdout).not.toMatch(/[▀▄█⠿]/u);

  const coloured = await seen({}, 'contact', 'verify', bob);
  expect(coloured).toContain('⠿'.repeat(36));
  expect(coloured).toMatch(/[▀▄█]{20}/u);
  expect(coloured).toContain('\u001b[38;5;166m⠿⠿⠿⠿\u001b[39m');
  expect(coloured).toContain('lake, 3 threads, no rings');
  const plain = await seen({ NO_COLOR: '1' }, 'contact', 'verify', bob);
  expect(plain).not.toContain('\u001b');
  expect(plain).toMatch(/[▀▄█]{20}/u);
  expect(await seen({}, 'contact', 'show', bob)).toContain('rust, 5 threads, 2 rings');
});

test('contact verify writes SVG files when asked', async () => {
  const picture = path.join(machine.folder, 'picture.svg');
  const qr = path.join(machine.folder, 'qr.svg');
  await machine.json('contact', 'verify', bob, '--picture-svg', picture, '--qr-svg', qr);
  expect(readFileSync(picture, 'utf8')).toBe('<svg/>\n');
  expect(readFileSync(qr, 'utf8')).toMatch(/^<svg .*<\/svg>\n$/);
  const nowhere = path.join(machine.folder, 'no folder', 'qr.svg');
  expect(await machine.run('contact', 'verify', bob, '--qr-svg', nowhere)).toMatchObject({ code: 1 });
});

test('contact verify compares one thing at a time: digits, words, or what a scanner read', async () => {
  const code = `mycelium:verify/${'A'.repeat(92)}`;
  for (const [option, right] of [
    ['--words', 'aardvark adroitness'],
    ['--qr', code],
    ['--number', '12345 67890'],
  ] as const) {
    expect(await machine.run('contact', 'verify', bob, option, 'something else')).toMatchObject({ code: 1 });
    expect(await machine.json('contact', 'verify', bob, option, right)).toMatchObject([
      { trust: 'verified' },
    ]);
  }
  const scanned = await machine.runWith(`${code}\n`, 'contact', 'verify', bob, '--qr', '-');
  expect(scanned.code).toBe(0);
  expect(await machine.run('contact', 'verify', bob, '--qr', code, '--number', '1')).toMatchObject({
    code: 2,
    stderr: '--number, --words and --qr: give one of them.\n',
  });
});

test('vouch: for whom one has verified, to whom one names', async () => {
  expect(await machine.run('vouch', bob, '--json')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('"not-verified"') as string,
  });
  await machine.json('contact', 'verify', bob, '--number', '12345 67890');
  expect(await machine.json('vouch', bob)).toEqual([{ address: bob, told: [bob] }]);
  await machine.json('vouch', bob, '--to', 'carol@example.com', 'dave@example.com', '--expires', '26w');
  await machine.json('vouch', bob, '--to', 'all');
  expect(machine.client?.vouched).toEqual([
    { address: bob },
    { address: bob, to: ['carol@example.com', 'dave@example.com'], lifeMs: 26 * 7 * 86_400_000 },
    { address: bob, to: 'all' },
  ]);
  expect((await machine.run('vouch')).stdout).toContain(`${bob}, since`);
  expect(await machine.json('vouch')).toMatchObject([{ depth: 1, received: [] }]);
  expect(await machine.json('vouch', bob, '--revoke')).toMatchObject([{ revoked: true }]);
  expect(await machine.json('vouch', '--depth', '2')).toEqual([{ depth: 2 }]);
  expect(machine.client?.depth).toBe(2);
  expect(await machine.json('vouch', '--show', bob)).toEqual([{ shown: bob }]);
  expect((await machine.run('vouch')).stdout).toContain(`sees that ${bob} vouches for you`);
  expect(await machine.json('vouch', '--show', 'nobody')).toEqual([{ shown: null }]);
  for (const wrong of [
    ['--depth', '3'],
    [bob, '--depth', '1'],
    [bob, '--show', bob],
    ['--revoke'],
    [bob, '--revoke', '--to', 'all'],
    [bob, '--to', 'all', 'carol@example.com'],
    [bob, '--expires', 'soon'],
  ]) {
    expect(await machine.run('vouch', ...wrong), wrong.join(' ')).toMatchObject({ code: 2 });
  }
});

test('a vouch is a line for people who listen', async () => {
  machine.client?.happen({
    event: 'vouch',
    from: 'carol@example.com',
    about: bob,
    state: 'given',
    expires: 1_731_536_000_000,
  });
  machine.client?.happen({
    event: 'vouch',
    from: 'carol@example.com',
    about: bob,
    state: 'revoked',
    expires: 0,
  });
  const screen = new Screen(machine.data, false);
  const listening = runProgram(['listen', '--since', '0'], screen, () => Promise.resolve(machine.daemon));
  const text = await screen.shows('no longer vouches for bob@example.com');
  expect(text).toMatch(/carol@example\.com vouches for bob@example\.com until 2024-11-1\d\n/);
  const node = await connect(machine.data);
  await node?.call('node.stop', {});
  node?.close();
  expect(await listening).toBe(1);
});
