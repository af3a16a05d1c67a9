// Compiles assembly/ four times, {SIMD128, relaxed SIMD} × {unshared, shared memory}, into src/generated/: each module as
// base64 in a file of its own, so that bundlers need no rule for .wasm and a page loads only the one it can run.
// With --missing it does nothing where all four are there.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'src/generated');
const common = ['assembly/index.ts', '-O3', '--converge', '--noAssert', '--runtime', 'stub'];
const memory = ['--importMemory', '--noExportMemory', '--maximumMemory', '65536', '--enable', 'simd'];

if (process.argv.includes('--missing') && existsSync(folder) && readdirSync(folder).length === 4)
  process.exit();

mkdirSync(folder, { recursive: true });
for (const [simd, simdFlags] of [
  ['simd', []],
  ['relaxed', ['--enable', 'relaxed-simd']],
]) {
  for (const [sharing, sharingFlags] of [
    ['unshared', []],
    ['shared', ['--enable', 'threads', '--sharedMemory']],
  ]) {
    let binary;
    const { error, stderr } = await asc.main(
      [...common, ...memory, ...simdFlags, ...sharingFlags, '--baseDir', root, '--outFile', 'out.wasm'],
      {
        writeFile(_name, contents) {
          binary = contents;
        },
      },
    );
    if (error || !binary) {
      process.stderr.write(`${stderr}\n${error?.message}\n`);
      process.exit(1);
    }
    const text = `export const base64: string =\n  '${Buffer.from(binary).toString('base64')}';\n`;
    writeFileSync(join(folder, `${simd}_${sharing}.ts`), text);
    console.log(`${simd} ${sharing}: ${binary.length} bytes`);
  }
}
