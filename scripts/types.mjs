// Whether what the tarballs say of their types holds under each TypeScript that they are meant for, however it finds packages.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const versions = ['5.4', '5.5', '5.6', '5.7', '5.8', '5.9', '6.0', '7.0'];
const alias = (version) => `typescript-${version.replace('.', '-')}`;
/** What is installed for it. */
export const typescripts = [
  ...versions.map((version) => `${alias(version)}@npm:typescript@~${version}`),
  '@types/node@22',
];

/** Resolution, and what goes with it. */
const resolutions = { bundler: { module: 'esnext' }, node16: { module: 'node16' } };

const use = `import { overlay, paletteOf } from '@atrous/mask';
import { onnx } from '@atrous/runtime-onnx';
import { tfjs } from '@atrous/runtime-tfjs';
import { wasm } from '@atrous/runtime-wasm';
import { Segmenter, type Picture } from '@atrous/segmenter';
import { Segmenter as WithOwnWorker } from '@atrous/segmenter/client';
import { Segmenter as Alone } from '@atrous/segmenter/standalone';
import { serveSegmenter } from '@atrous/segmenter/thread';
import { listRuntimes, Segmenter as InWorker } from '@atrous/segmenter/worker';
import { tensor, type Tensor } from '@atrous/tensor';
import { loadModel } from '@atrous/zoo';

export async function use(picture: Picture, image: ImageBitmap, createWorker: () => Worker): Promise<string> {
  const segmenter: Segmenter = await Segmenter.load('model', { runtimes: [onnx(), tfjs()], compute: 'auto' });
  const { labels, classes, cutOut, shares } = await segmenter.segment(picture, { cutOut: ['hair'] });
  const pixels: Uint8ClampedArray | undefined = cutOut?.data;
  if (cutOut && cutOut.data !== pixels) new ImageData(cutOut.data, cutOut.width, cutOut.height);
  for (const load of [InWorker.load, Alone.load]) await (await load('model')).segment(image, { transfer: true });
  await WithOwnWorker.load('model', { createWorker });
  const [{ name }] = await listRuntimes({ threads: 2 });
  const session = await wasm({ threads: 1 }).load(await loadModel('model'));
  const zeros: Tensor<'float32'> = tensor('float32', [1, 8, 8, 3]);
  const { logits } = await session.run({ image: zeros });
  serveSegmenter({ runtimes: [onnx()] });
  const drawn = overlay({ width: 1, height: 1, data: new Uint8Array(4) }, labels, paletteOf(classes));
  // @ts-expect-error a number is no picture
  await segmenter.segment(7);
  return \`\${name} \${shares[0].toFixed()} \${drawn.data.length} \${logits.shape.length}\`;
}
`;

/** @param folder where tarballs and the versions are installed */
export async function checkTypes(folder, only = versions) {
  const place = join(folder, 'types');
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(place, 'use.ts'), use);
  for (const [moduleResolution, options] of Object.entries(resolutions)) {
    const lib = ['es2023', 'dom', 'dom.iterable'];
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'es2022',
      lib,
      types: ['node'],
      moduleResolution,
      ...options,
    };
    writeFileSync(
      join(place, `${moduleResolution}.json`),
      JSON.stringify({ compilerOptions, files: ['use.ts'] }),
    );
  }
  const check = async (version, moduleResolution) => {
    const tsc = join(folder, 'node_modules', alias(version), 'bin/tsc');
    const config = join(place, `${moduleResolution}.json`);
    const { stdout, failed } = await run(process.execPath, [tsc, '-p', config, '--pretty', 'false'], {
      cwd: place,
    })
      .then(({ stdout }) => ({ stdout, failed: false }))
      .catch(({ stdout, stderr }) => ({ stdout: `${stdout}${stderr}`, failed: true }));
    // what the declarations of others say of each other is theirs
    const ours = stdout.split('\n').filter((line) => /^(use\.ts|[^ ]*@atrous\/|error )/.test(line));
    if (ours.length > 0 || (failed && !stdout.includes('error TS')))
      throw new Error(`TypeScript ${version}, ${moduleResolution}:\n${ours.join('\n') || stdout}`);
  };
  for (const version of only) await Promise.all(Object.keys(resolutions).map((each) => check(version, each)));
  console.log(
    `types hold under TypeScript ${only.join(', ')}, as ${Object.keys(resolutions).join(' and ')} find them`,
  );
}
