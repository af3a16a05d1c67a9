// Installs what somebody wants who wants little, and then one runtime of others beside it, each from the tarballs alone.
import { copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundlers, checkApps } from './apps.mjs';
import { checkPages, picture } from './pages.mjs';
import { checkTypes, typescripts } from './types.mjs';

/** Bytes of files that `@atrous/segmenter` and a model may bring, sharp apart, and that Vite may make of an app with them. */
const most = { packages: 15e6, app: 1.5e6 };
const little = ['@atrous/segmenter', '@atrous/model-people-small'];

const use = `import { Segmenter } from '@atrous/segmenter';
const data = new Uint8Array(64 * 48 * 3).map((_, i) => (i * 7919) % 256);
const segmenter = await Segmenter.load('@atrous/model-people-small');
const { labels } = await segmenter.segment({ width: 64, height: 48, data });
await segmenter.dispose();
if (labels.data.length !== 64 * 48) throw new Error('not a mask');
if (segmenter.runtime !== 'wasm') throw new Error('took ' + segmenter.runtime);
const error = await Segmenter.load('@atrous/model-people-small', { runtime: 'onnx:wasm' }).catch((error) => error);
if (!error.message.includes('npm install @atrous/runtime-onnx')) throw new Error('does not say what to do', { cause: error });
console.log(segmenter.runtime + ' (' + segmenter.reason + ')');
`;
const useOnnx = `import { onnx } from '@atrous/runtime-onnx';
import { Segmenter } from '@atrous/segmenter';
for (const runtime of ['wasm', 'onnx:wasm']) {
  const segmenter = await Segmenter.load('@atrous/model-people-small', { runtimes: [onnx()], runtime });
  const { labels } = await segmenter.segment('photo.png');
  await segmenter.dispose();
  if (labels.width !== 512 || segmenter.runtime !== runtime) throw new Error('not a mask of ' + runtime);
}
console.log('a picture file on wasm and onnx:wasm');
`;

/** A server with Fastify: a picture file in, the classes' shares out; and what `require` gives. */
const useFastify = `import { readFileSync } from 'node:fs';
import { Segmenter } from '@atrous/segmenter';
import fastify from 'fastify';
const segmenter = await Segmenter.load('@atrous/model-people-small');
const server = fastify();
server.addContentTypeParser('image/png', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
server.post('/mask', async ({ body }) => {
  const { labels, shares } = await segmenter.segment(body);
  return { width: labels.width, shares };
});
const headers = { 'content-type': 'image/png' };
const response = await server.inject({ method: 'POST', url: '/mask', headers, payload: readFileSync('photo.png') });
const { width, shares } = response.json();
await server.close();
await segmenter.dispose();
if (width !== 512 || Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) > 1e-9) throw new Error(response.body);
console.log('Fastify answers with ' + shares.length + ' shares');
`;
const useRequire = `const { Segmenter } = require('@atrous/segmenter');
(async () => {
  const segmenter = await Segmenter.load('@atrous/model-people-small');
  ${picture}
  const { labels } = await segmenter.segment(picture);
  await segmenter.dispose();
  console.log(JSON.stringify([...labels.data]));
})();
`;

/** A page that segments, in a worker and without one; the model is fetched by its URL. */
const app = {
  'index.html': '<script type="module" src="./main.js"></script>',
  'main.js': `import { Segmenter } from '@atrous/segmenter';
import { Segmenter as InWorker } from '@atrous/segmenter/worker';
globalThis.segmenters = [Segmenter, InWorker];
`,
};

/**
 * @param packages of this repository, each with its manifest and, as `tarball`, the path of what was packed
 * @param run `(program, arguments, folder)`, gives what it printed
 * @param photo a PNG of 512 pixels
 * @param vite its script
 * @param openBrowser a browser of playwright; undefined where there is none
 */
export async function checkSmallInstalls(packages, folder, run, { photo, vite, openBrowser }) {
  const byName = new Map(packages.map((each) => [each.manifest.name, each]));
  const install = (names, flags = []) =>
    run('npm', [...npmInstall, ...flags, ...tarballsOf(names, byName)], folder);
  const node = (file, code) => {
    writeFileSync(join(folder, file), code);
    return run(process.execPath, [file], folder).trim();
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));

  install(little, ['--omit=optional']);
  const bytes = sizeOf(join(folder, 'node_modules'));
  const size = `${little.join(' and ')}: ${(bytes / 1e6).toFixed(1)} MB without sharp`;
  if (bytes > most.packages) throw new Error(`${size}, expected at most ${most.packages / 1e6}`);
  console.log(`${size}; ${node('use.js', use)}`);

  for (const file in app) writeFileSync(join(folder, file), app[file]);
  run(process.execPath, [vite, 'build', '--logLevel', 'error'], folder);
  const built = join(folder, 'dist');
  const foreign = readdirSync(built, { recursive: true }).filter((file) =>
    /\.wasm$|(^|\W)ort[-.]/.test(file),
  );
  const appSize = sizeOf(built);
  const what = `an app of Vite with them: ${(appSize / 1e6).toFixed(1)} MB`;
  if (foreign.length > 0) throw new Error(`${what}, with ${foreign.join(', ')} of onnxruntime`);
  if (appSize > most.app) throw new Error(`${what}, expected at most ${most.app / 1e6}`);
  console.log(`${what}, nothing of onnxruntime`);

  install([...little, '@atrous/runtime-onnx']);
  copyFileSync(photo, join(folder, 'photo.png'));
  console.log(`with @atrous/runtime-onnx: ${node('use_onnx.js', useOnnx)}`);
  const expected = JSON.parse(node('use_require.cjs', useRequire));
  console.log(`require gives the same on Node ${process.versions.node}`);

  install([...little, '@atrous/runtime-onnx', '@atrous/runtime-tfjs'], [...bundlers, ...typescripts]);
  console.log(node('use_fastify.js', useFastify));
  await checkTypes(folder);
  const browser = await openBrowser();
  if (!browser) {
    console.log(
      'SKIPPED: pages and bundlers: no Chromium here; install one, or set ATROUS_CHROMIUM to its path',
    );
    return;
  }
  try {
    await checkPages(folder, browser, expected);
    await checkApps(folder, browser, expected, { vite });
  } finally {
    await browser.close();
  }
}

const npmInstall = ['install', '--no-audit', '--no-fund', '--ignore-scripts'];

/** The tarballs of packages and of all that they depend on here. */
function tarballsOf(names, byName) {
  const found = new Set(names);
  for (const name of found) {
    const { dependencies = {} } = byName.get(name).manifest;
    for (const each of Object.keys(dependencies)) if (byName.has(each)) found.add(each);
  }
  return [...found].map((name) => byName.get(name).tarball);
}

const sizeOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
