/**
 * `npm run kernel`: builds kernel.wasm from assembly/. The compiler is pinned, and the same source gives the same bytes:
 * test/build.test.ts builds it again and compares.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { main } from 'assemblyscript/asc';

const folder = import.meta.dirname;
const options = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd'];
const memory = ['--initialMemory', '1', '--maximumMemory', '1'];
// What it warns of, `v128` between exported functions of two files, never crosses to JavaScript.
const quiet = ['--disableWarning', '112'];

export async function buildKernel(): Promise<Uint8Array> {
  const { binary } = await compile();
  return binary;
}

/** The same in WebAssembly's text format. */
export async function textOfKernel(): Promise<string> {
  const { text } = await compile();
  return text;
}

async function compile(): Promise<{ readonly binary: Uint8Array; readonly text: string }> {
  let [binary, text, said] = [new Uint8Array(0), '', ''];
  const files = ['--baseDir', path.join(folder, 'assembly'), '--outFile', 'binary', '--textFile', 'text'];
  const { error } = await main(['frames.ts', ...files, ...options, ...memory, ...quiet], {
    stderr: { write: (words) => void (said += String(words)) },
    writeFile: (name, contents) => {
      if (typeof contents === 'string') text = contents;
      else if (name === 'binary') binary = contents.slice();
    },
  });
  if (error !== null) throw new Error(`assembly/ does not compile: ${said}`, { cause: error });
  return { binary, text };
}

if (import.meta.main) {
  const file = path.join(folder, 'kernel.wasm');
  const bytes = await buildKernel();
  writeFileSync(file, bytes);
  process.stdout.write(`${path.relative(process.cwd(), file)}: ${bytes.length} bytes\n`);
}
