// `invite`, its list and its codes; requests that are ignored (docs/cli.md).
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProgram } from '../src/program.ts';
import { qrLines, qrModules, qrSvg } from '../src/terminal/qr.ts';
import { Machine, Screen } from './stand-ins/machine.ts';

let machine: Machine;
beforeEach(async () => {
  machine = new Machine();
  await machine.json('init', 'alice@example.com');
  await machine.up();
});
afterEach(() => machine.end());

const link = 'mycelium:invite';
const bob = 'bob@example.com';

/** `invite` on a terminal of that size, as it is shown. */
async function inviteAt(
  size: { readonly columns: number; readonly rows: number },
  ...args: string[]
): Promise<string> {
  const screen = new Screen(machine.data, true);
  Object.assign(screen.output, size);
  const code = await runProgram(['invite', ...args], screen, () => Promise.resolve(machine.daemon));
  expect(code).toBe(0);
  return screen.printed;
}

test('links are listed with whom they brought, and taken back one by one', async () => {
  expect((await machine.run('invite', 'list')).stdout).toContain('No links yet.');
  await machine.json('invite', '--label', 'flat mates', '--uses', '3');
  await machine.json('invite');
  expect((await machine.json('invite', 'list')).map(({ id, state }) => [id, state])).toEqual([
    ['01', 'open'],
    ['02', 'open'],
  ]);
  expect((await machine.run('invite', 'list')).stdout).toContain('01 “flat mates”  open: 0 came, 3 left');
  expect(await machine.json('invite', 'revoke', '01')).toMatchObject([{ id: '01', state: 'revoked' }]);
  expect((await machine.run('invite', 'revoke', '02')).stdout).toContain('02  taken back: 0 came');
  expect(await machine.run('invite', 'revoke', '03')).toMatchObject({ code: 1 });
  expect(await machine.run('invite', 'revoke')).toMatchObject({ code: 2 });
  expect(await machine.run('invite', 'revoke', 'xyz')).toMatchObject({ code: 2 });
});

test('an invite is shown as a QR code where it fits, where it is asked for, and nowhere else', async () => {
  const side = qrModules(link).length;
  const lines = qrLines(link, true);
  const roomy = { columns: side, rows: lines.length + 8 };
  expect(await inviteAt(roomy)).toContain(lines.join('\n'));
  expect(await inviteAt({ ...roomy, columns: side - 1 })).not.toContain(lines[0]);
  expect(await inviteAt({ ...roomy, rows: roomy.rows - 1 })).not.toContain(lines[0]);
  expect(await inviteAt({ columns: 1, rows: 1 }, '--qr')).toContain(lines.join('\n'));
  expect(await inviteAt(roomy, '--no-qr')).not.toContain(lines[0]);
  const piped = (await machine.run('invite')).stdout;
  expect(piped).toContain(`${link}\n`);
  expect(piped).not.toMatch(/[▀▄█]/u);
  expect((await machine.run('invite', '--qr')).stdout).toContain(qrLines(link, false).join('\n'));
  expect(await machine.json('invite', '--qr')).toHaveLength(1);
});

test('an invite is written as a QR code in SVG, to a new file that others cannot read', async () => {
  const file = path.join(machine.folder, 'invite.svg');
  await machine.json('invite', '--qr-svg', file);
  expect(readFileSync(file, 'utf8')).toBe(qrSvg(link));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await machine.run('invite', '--qr-svg', file)).toMatchObject({
    code: 1,
    stderr: `--qr-svg ${file}: there is such a file already. No link was made.\n`,
  });
  expect(await machine.run('invite', '--qr-svg', path.join(file, 'no'))).toMatchObject({ code: 1 });
  expect(await machine.json('invite', 'list')).toHaveLength(1);
});

test('a request disappears when it is ignored, and is back when that is undone', async () => {
  machine.client?.addRequest(bob, 'Hi');
  expect((await machine.run('contact', 'show', bob)).stdout).toContain('wrote:         Hi');
  expect(await machine.json('contact', 'ignore', bob)).toMatchObject([{ state: 'ignored' }]);
  expect(await machine.json('contact', 'list')).toEqual([]);
  expect(await machine.json('contact', 'list', '--ignored')).toMatchObject([{ address: bob }]);
  expect(await machine.json('contact', 'unignore', bob)).toMatchObject([{ state: 'request' }]);
  expect((await machine.run('contact', 'list', '--ignored')).stdout).toBe('You ignore nobody.\n');
  expect(await machine.json('contact', 'list')).toMatchObject([{ address: bob, state: 'request' }]);
});
