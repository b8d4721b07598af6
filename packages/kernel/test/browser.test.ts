/** The same kernel.wasm in a browser: same bytes as here. Debian's `chromium`, without a window. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createKernelFrameCipher } from '@mycelium/kernel';
import type { FrameCipher } from '@mycelium/protocol';
import { expect, test } from 'vitest';
import { loadKernel } from '../../node/src/primitives/kernel.ts';

const run = promisify(execFile);
const kernel = path.join(import.meta.dirname, '..');

/** Seals a run of all classes and opens it again, as far as its last frame, which is wrong. Also sent to the browser as text. */
function sealAndOpen({ memory, seal, open }: FrameCipher): string {
  const hex = (bytes: Uint8Array): string =>
    [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  let end = 0;
  for (const [type, size] of [
    [1, 128],
    [1, 128],
    [2, 512],
    [3, 2048],
    [1, 128],
  ] as const) {
    for (let at = 4; at < size; at += 1) memory[end + at] = at * 7 + end;
    memory.set([type, 1, (size - 4) & 0xff, (size - 4) >> 8], end);
    end += size;
  }
  const key = new Uint8Array(32).fill(5);
  seal(key, end);
  const sealed = hex(memory.subarray(0, end));
  memory[end - 1] = (memory[end - 1] ?? 0) ^ 1;
  const opening = new Uint8Array(32).fill(5);
  const stopped = open(opening, end);
  return [sealed, hex(key), stopped, hex(memory.subarray(0, stopped)), hex(opening)].join(' ');
}

/** Nothing in it waits: the page is printed when it is loaded. */
function page(): string {
  const source = readFileSync(path.join(kernel, 'src', 'index.ts'), 'utf8');
  const scripts = [source, `const sealAndOpen = ${sealAndOpen.toString()};`].map((code) =>
    stripTypeScriptTypes(code).replace(/^export /gm, ''),
  );
  const wasm = readFileSync(path.join(kernel, 'kernel.wasm')).toString('base64');
  return `<!doctype html><meta charset="utf-8"><body><script type="module">
${scripts.join('\n')}
const bytes = Uint8Array.from(atob('${wasm}'), (character) => character.charCodeAt(0));
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
document.body.textContent = 'kernel: ' + sealAndOpen(createKernelFrameCipher(exports));
</script>`;
}

async function hasChromium(): Promise<boolean> {
  return run('chromium', ['--version']).then(
    () => true,
    () => false,
  );
}

test('a browser seals and opens the same bytes', async (context) => {
  if (!(await hasChromium())) context.skip('there is no chromium here');
  const folder = mkdtempSync(path.join(tmpdir(), 'kernel-'));
  try {
    const file = path.join(folder, 'page.html');
    writeFileSync(file, page());
    const options = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${folder}/profile`];
    const { stdout } = await run(
      'chromium',
      [...options, '--timeout=60000', '--dump-dom', `file://${file}`],
      {
        timeout: 80_000,
        env: { ...process.env, HOME: folder },
      },
    );
    const [, said] = /kernel: ([^<]*)/.exec(stdout) ?? [];
    expect(said?.trim()).toBe(sealAndOpen(createKernelFrameCipher(loadKernel())));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
