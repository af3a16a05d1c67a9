// Compiles assembly/ for SIMD128 and relaxed SIMD into src/generated/kernels.ts: both modules, one after the other, deflated together since
// they are much alike, as base64, so that bundlers need no rule for .wasm. Those for shared memory differ from them in one byte, which is
// seen to. With --missing it does nothing where the file is there.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import asc from 'assemblyscript/asc';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'src/generated');
const file = join(folder, 'kernels.ts');
// -O2, once. Beyond it (-O3, --converge) Binaryen moves each multiply-add to where its sum is used next: of a loop that is unrolled four times all
// loads are alive at once then, more than there are registers, and products take 1.25 to 1.5 times as long. Fewer locals move nothing, and
// deflate to two thirds.
const order = ['-O2', '--runPasses', 'coalesce-locals-learning,vacuum'];
const common = ['assembly/index.ts', ...order, '--noAssert', '--runtime', 'stub'];
const memory = ['--importMemory', '--noExportMemory', '--maximumMemory', '65536', '--enable', 'simd'];

if (process.argv.includes('--missing') && existsSync(file)) process.exit();

async function compile(flags) {
  let binary;
  const { error, stderr } = await asc.main(
    [...common, ...memory, ...flags, '--baseDir', root, '--outFile', 'out.wasm'],
    {
      writeFile(_name, contents) {
        binary = contents;
      },
    },
  );
  if (!error && binary) return Buffer.from(binary);
  process.stderr.write(`${stderr}\n${error?.message}\n`);
  process.exit(1);
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const modules = [];
for (const [simd, flags] of [
  ['relaxed', ['--enable', 'relaxed-simd']],
  ['simd', []],
]) {
  const binary = await compile(flags);
  const shared = await compile([...flags, '--enable', 'threads', '--sharedMemory']);
  const differing = binary.filter((byte, i) => byte !== shared[i]).length;
  if (differing !== 1 || binary.length !== shared.length) {
    process.stderr.write(
      `${simd}: the module for shared memory differs in more than the byte that says so\n`,
    );
    process.exit(1);
  }
  modules.push([simd, binary]);
  console.log(`${simd}: ${binary.length} bytes`);
}
// Blocks of few symbols: products and what lies around them have other codes.
const deflated = deflateRawSync(Buffer.concat(modules.map(([, binary]) => binary)), {
  level: 9,
  memLevel: 5,
});
const sizes = modules.map(([simd, { length }]) => `${simd}: ${length}`).join(', ');
writeFileSync(
  file,
  `export const sizes = { ${sizes} } as const;\nexport const deflated: string =\n  '${deflated.toString('base64')}';\n`,
);
console.log(`together: ${deflated.length} bytes, deflated`);
