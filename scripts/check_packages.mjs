// Packs every public package, installs the tarballs in an empty folder with npm, and uses them there as a newcomer
// would: on the Node that runs this script, without the source condition.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkBudgets } from './budgets.mjs';
import { findChromium } from './programs.mjs';
import { checkSmallInstalls } from './small_installs.mjs';
import { useExamples } from './use_examples.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pnpm = process.argv[2] ?? 'pnpm';
const folder = mkdtempSync(join(tmpdir(), 'atrous-packages-'));
const photo = join(root, 'apps/cli/examples/astronaut.png');
const run = (program, args, cwd) =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** One browser for all pages. */
async function openBrowser() {
  const executablePath = findChromium();
  if (!executablePath) return undefined;
  const { chromium } = createRequire(join(root, 'package.json'))('playwright');
  const args = ['--no-sandbox', '--disable-background-networking', '--disable-component-update'];
  return chromium.launch({ executablePath, args });
}

const packages = ['packages', 'apps']
  .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
  .map((path) => ({ path, manifest: JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) }))
  .filter(({ manifest }) => !manifest.private);

try {
  for (const each of packages) {
    const { path, manifest } = each;
    run(pnpm, ['pack', '--pack-destination', folder], path);
    each.tarball = join(
      folder,
      `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`,
    );
    const publint = join(root, 'node_modules/.bin/publint');
    run(publint, ['run', path, '--strict', '--pack', 'false'], root);
    console.log(`packed ${manifest.name}`);
  }
  // before the folder above has packages, which Node would find, too
  await checkSmallInstalls(packages, join(folder, 'small'), run, {
    photo,
    vite: join(root, 'node_modules/vite/bin/vite.js'),
    openBrowser,
  });
  await useExamples(packages, join(folder, 'examples'), run, root);
  const tarballs = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'newcomer', private: true, type: 'module' }),
  );
  run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...tarballs.map((file) => `./${file}`)],
    folder,
  );

  await checkBudgets(
    folder,
    packages.map(({ manifest }) => manifest.name),
    { isMeasured: process.argv.includes('--measure') },
  );
  copyFileSync(photo, join(folder, 'photo.png'));
  writeFileSync(
    join(folder, 'use.js'),
    `import { loadEncoder } from '@atrous/encoder';
import { onnx } from '@atrous/runtime-onnx';
import { tfjs } from '@atrous/runtime-tfjs';
import { Segmenter } from '@atrous/segmenter';
const runtimes = [onnx(), tfjs()];
for (const runtime of ['auto', 'wasm', 'tfjs:wasm']) {
  const segmenter = await Segmenter.load('@atrous/model-people', { runtimes, runtime });
  const { labels, shares } = await segmenter.segment('photo.png');
  await segmenter.dispose();
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (labels.width !== 512 || labels.height !== 512 || Math.abs(total - 1) > 1e-9) throw new Error('not a mask');
  console.log(labels.width, labels.height, segmenter.runtime);
}
const encoder = await loadEncoder('@atrous/model-people');
const embedding = await encoder.embed('photo.png');
await encoder.dispose();
if (embedding.length !== 728 || !embedding.every(Number.isFinite)) throw new Error('not an embedding');
console.log('an embedding of', embedding.length, 'numbers on', encoder.runtime);
`,
  );
  console.log(run(process.execPath, ['use.js'], folder).trim());
  const { files, failed } = JSON.parse(
    run(join(folder, 'node_modules/.bin/atrous'), ['segment', 'photo.png', '--json'], folder),
  );
  if (files.length !== 1 || failed.length !== 0)
    throw new Error('the packed command did not segment the picture');
  console.log(
    `the packed command wrote ${files[0].mask} with ${files[0].classes.length} classes on Node ${process.versions.node}`,
  );
  writeFileSync(
    join(folder, 'serve.js'),
    `import { readFileSync } from 'node:fs';
import { openFleet } from '@atrous/fleet';
import { Segmenter } from '@atrous/segmenter';
import { createServer } from '@atrous/serve';
const segmenter = await Segmenter.load('@atrous/model-people-small');
const server = await createServer(segmenter);
const address = await server.listen({ port: 0 });
const headers = { 'content-type': 'image/png' };
const answer = await fetch(address + '/segment?format=csv', { method: 'POST', headers, body: readFileSync('photo.png') });
const text = await answer.text();
await server.close();
await segmenter.dispose();
if (!text.startsWith('image,id,class')) throw new Error(text);
const error = await openFleet({ queue: 'redis://127.0.0.1:1' }).catch((error) => error);
if (!error.message.includes('does not answer')) throw error;
console.log('a service answers with ' + text.trim().split('\\n').length + ' lines of CSV; a fleet without a queue says so');
`,
  );
  console.log(run(process.execPath, ['serve.js'], folder).trim());
  // another family, as a checkpoint: its code and the format's are imported when they are needed
  writeFileSync(
    join(folder, 'make.js'),
    `import { writeFile } from 'node:fs/promises';
import { toSafetensors } from '@atrous/checkpoint';
import { weightShapes } from '@atrous/graph';
import { tensor } from '@atrous/tensor';
import { findNetwork } from '@atrous/zoo';
const { graph } = await findNetwork('mobilenetv2_035', { classes: 3 });
const weights = [...weightShapes(graph)].map(([name, shape]) => [name, tensor('float32', shape)]);
await writeFile('weights.safetensors', await toSafetensors(Object.fromEntries(weights)));
`,
  );
  run(process.execPath, ['make.js'], folder);
  const { network, classes: count } = JSON.parse(
    run(join(folder, 'node_modules/.bin/atrous'), ['inspect', 'weights.safetensors', '--json'], folder),
  );
  if (network !== 'mobilenetv2_035' || count !== 3) throw new Error(`took a MobileNet for ${network}`);
  console.log(`and knows ${network} by its weights`);
  mkdirSync(join(folder, 'learn'));
  mkdirSync(join(folder, 'labels'));
  copyFileSync(join(folder, 'photo.png'), join(folder, 'learn/photo.png'));
  copyFileSync(join(folder, files[0].mask), join(folder, 'labels/photo.png'));
  const classes = 'none=0,some=1+2+3+4+5+6+7+8+9+10+11';
  const learned = [
    '--images',
    'learn',
    '--labels',
    'labels',
    '--classes',
    classes,
    '--epochs',
    '2',
    '-o',
    'learned',
  ];
  const { loss } = JSON.parse(
    run(join(folder, 'node_modules/.bin/atrous'), ['finetune', ...learned, '--json'], folder),
  );
  console.log(`and taught a model two classes, to a loss of ${loss.toFixed(3)}`);
} catch (error) {
  console.log(error.stdout ?? '', error.stderr ?? '', error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
