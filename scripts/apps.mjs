// Apps as others build them, from the tarballs in one folder: each is built by its bundler with as few settings as it allows and opened in a
// browser, or run, and has to give the labels that Node gives.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { picture, visit } from './pages.mjs';
import { serve } from './serve.mjs';

/** What is installed beside the tarballs. */
export const bundlers = ['esbuild@0.28', 'webpack@5', 'next@16', 'react@19', 'react-dom@19', 'fastify@5'];

/** A page's script: it says its labels in `result`. */
const page = (imports, options = '') => `${imports}
${picture}
async function run() {
  const segmenter = await Segmenter.load('./model/', { ${options} });
  const { labels } = await segmenter.segment(picture);
  const { runtime, reason } = segmenter;
  await segmenter.dispose();
  return { labels: [...labels.data], runtime, reason };
}
run().then((result) => { globalThis.result = result; }, ({ message }) => { globalThis.result = { error: message }; });
`;
const inPage = page(`import { Segmenter } from '@atrous/segmenter';`);
const inWorker = page(`import { Segmenter } from '@atrous/segmenter/worker';`);
const ownWorker = `import { tfjs } from '@atrous/runtime-tfjs';
import { serveSegmenter } from '@atrous/segmenter/thread';
serveSegmenter({ runtimes: [tfjs({ threads: 1 })] });
`;
const onTfjs = page(
  `import { tfjs } from '@atrous/runtime-tfjs';\nimport { Segmenter } from '@atrous/segmenter';`,
  `runtimes: [tfjs({ threads: 1 })], runtime: 'tfjs:wasm'`,
);
const onTfjsInWorker = page(
  `import { Segmenter } from '@atrous/segmenter/client';
const createWorker = () => new Worker(new URL('./own_worker.js', import.meta.url), { type: 'module' });`,
  `createWorker, runtime: 'tfjs:wasm'`,
);

const classic = '<!doctype html><meta charset="utf-8"><script src="./main.js"></script>';
const module = '<!doctype html><meta charset="utf-8"><script type="module" src="./main.js"></script>';

/** The line of the README, for either format. */
const esbuild =
  (format) =>
  ({ readme }) => {
    const [line] = /^npx esbuild .*$/m.exec(readme) ?? [];
    if (!line) throw new Error("esbuild's line is not in the README of @atrous/segmenter");
    return [
      'sh',
      '-c',
      line.replace('npx ', 'node_modules/.bin/').replace(/--format=\w+/, `--format=${format}`),
    ];
  };
const vite = ({ vite }) => [process.execPath, vite, 'build', '--logLevel', 'error'];
const webpack = () => [
  process.execPath,
  '--input-type=module',
  '-e',
  `import webpack from 'webpack';
const output = { path: process.cwd() + '/dist', filename: 'main.js' };
webpack({ mode: 'production', entry: './main.js', output, performance: false }, (error, stats) => {
  const failure = error ?? (stats.hasErrors() && stats.toString({ all: false, errors: true }));
  if (failure) throw failure;
});`,
];

/**
 * The apps in a browser; `runtime`: what each has to run on, if not our engine.
 */
const apps = {
  'esbuild, ESM': { files: { 'main.js': inWorker, 'dist/index.html': module }, build: esbuild('esm') },
  'esbuild, IIFE': { files: { 'main.js': inWorker, 'dist/index.html': classic }, build: esbuild('iife') },
  'Vite, in the page': { files: { 'main.js': inPage, 'index.html': module }, build: vite },
  'Vite, in a worker': { files: { 'main.js': inWorker, 'index.html': module }, build: vite },
  'Vite, TensorFlow.js': {
    files: { 'main.js': onTfjs, 'index.html': module },
    build: vite,
    runtime: 'tfjs:wasm',
  },
  'Vite, TensorFlow.js in a worker of its own': {
    files: {
      'main.js': onTfjsInWorker,
      'own_worker.js': ownWorker,
      'index.html': module,
      'vite.config.js': `export default { worker: { format: 'es' } };`,
    },
    build: vite,
    runtime: 'tfjs:wasm',
  },
  'webpack, in the page': { files: { 'main.js': inPage, 'dist/index.html': classic }, build: webpack },
  'webpack, in a worker': { files: { 'main.js': inWorker, 'dist/index.html': classic }, build: webpack },
  'webpack, TensorFlow.js': {
    files: { 'main.js': onTfjs, 'dist/index.html': classic },
    build: webpack,
    runtime: 'tfjs:wasm',
  },
};

/** What a page says where TensorFlow.js' binary is not on the server. */
const noBinary = /TensorFlow\.js' http\S+\.wasm: the server answers 404/;

/** A folder in which an app finds what is installed. */
function place(folder, name, files) {
  const app = join(folder, 'apps', name.replaceAll(/\W+/g, '_'));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(join(app, file, '..'), { recursive: true });
    writeFileSync(join(app, file), content);
  }
  symlinkSync(join(folder, 'node_modules'), join(app, 'node_modules'), 'junction');
  return app;
}

const build = ([program, ...args], cwd) =>
  execFileSync(program, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
  });

const modelOf = (folder) => join(folder, 'node_modules/@atrous/model-people-small');

/** Labels of other kernels may differ where two classes are equally likely. */
function check(name, { labels, runtime, reason, error }, expected, wanted = 'wasm') {
  const told = `${name}: ${error ?? `${runtime} (${reason})`}`;
  if (error || runtime !== wanted || /calling thread/.test(reason)) throw new Error(told);
  const same = labels.filter((label, i) => label === expected[i]).length;
  const least = wanted === 'wasm' ? expected.length : 0.98 * expected.length;
  if (labels.length !== expected.length || same < least)
    throw new Error(`${told}: ${same} labels are the same`);
  console.log(told);
}

/**
 * @param folder where tarballs and bundlers are installed
 * @param tools `vite`: its script
 * @param expected the labels of the picture
 */
export async function checkApps(folder, browser, expected, tools, only = /./) {
  const readme = readFileSync(join(folder, 'node_modules/@atrous/segmenter/README.md'), 'utf8');
  for (const [name, { files, build: line, runtime }] of Object.entries(apps)) {
    if (!only.test(name)) continue;
    const app = place(folder, name, { 'package.json': '{ "private": true, "type": "module" }', ...files });
    build(line({ ...tools, readme }), app);
    symlinkSync(modelOf(folder), join(app, 'dist/model'), 'junction');
    const server = await serve(join(app, 'dist'));
    try {
      const { result } = await visit(browser, `${server.origin}/`);
      check(name, result, expected, runtime);
      const lost = server.missing.filter((path) => path !== '/favicon.ico');
      if (lost.length > 0) throw new Error(`${name}: asks for what is not there: ${lost.join(', ')}`);
      if (runtime !== 'tfjs:wasm') continue;
      for (const file of readdirSync(join(app, 'dist'), { recursive: true }))
        if (file.endsWith('.wasm')) rmSync(join(app, 'dist', file));
      const { result: without } = await visit(browser, `${server.origin}/`);
      if (!noBinary.test(without.error ?? ''))
        throw new Error(`${name}, without its binary: ${JSON.stringify(without)}`);
    } finally {
      await server.close();
    }
  }
  if (only.test('Next.js')) await checkNext(folder, browser, expected);
}

/** Next.js with its defaults: a client component, and a route of the server. onnxruntime-node is nowhere to be found. */
const next = {
  'package.json': '{ "private": true }',
  'app/layout.jsx': `export default function Layout({ children }) { return <html><body>{children}</body></html>; }`,
  'app/page.jsx': `'use client';
import { onnx } from '@atrous/runtime-onnx';
import { Segmenter } from '@atrous/segmenter/worker';
import { Segmenter as InPage } from '@atrous/segmenter';
import { useEffect, useState } from 'react';
${picture}
async function run() {
  const results = {};
  for (const [name, load] of [['worker', () => Segmenter.load('/model/')], ['page', () => InPage.load('/model/', { runtimes: [onnx()], runtime: 'wasm' })]]) {
    const segmenter = await load();
    const { labels } = await segmenter.segment(picture);
    results[name] = { labels: [...labels.data], runtime: segmenter.runtime, reason: segmenter.reason };
    await segmenter.dispose();
  }
  return results;
}
export default function Page() {
  const [said, say] = useState('');
  useEffect(() => {
    run().then((result) => { globalThis.result = result; say('done'); }, ({ message }) => { globalThis.result = { error: message }; });
  }, []);
  return <p>{said}</p>;
}
`,
  'app/api/route.js': `import { onnx } from '@atrous/runtime-onnx';
import { Segmenter } from '@atrous/segmenter';
${picture}
export const dynamic = 'force-dynamic';
export async function GET() {
  try {
    const segmenter = await Segmenter.load(process.env.MODEL, { runtimes: [onnx()], precision: 'int8' });
    const { labels } = await segmenter.segment(picture);
    const { runtime, reason } = segmenter;
    await segmenter.dispose();
    return Response.json({ labels: [...labels.data], runtime, reason });
  } catch (error) {
    return Response.json({ error: error.stack });
  }
}
`,
};

async function checkNext(folder, browser, expected) {
  const app = place(folder, 'next', next);
  mkdirSync(join(app, 'public'));
  symlinkSync(modelOf(folder), join(app, 'public/model'), 'junction');
  const script = join(folder, 'node_modules/next/dist/bin/next');
  build([process.execPath, script, 'build'], app);
  const server = spawn(process.execPath, [script, 'start', '--port', '0', '--hostname', '127.0.0.1'], {
    cwd: app,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', MODEL: modelOf(folder) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    const origin = await new Promise((resolve, reject) => {
      let text = '';
      const read = (piece) => {
        text += piece;
        const [url] = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(text) ?? [];
        if (url && /ready/i.test(text)) resolve(url);
      };
      server.stdout.on('data', read);
      server.stderr.on('data', read);
      server.on('exit', () => reject(new Error(`next start ended: ${text}`)));
    });
    const { result } = await visit(browser, `${origin}/`);
    if (result.error) throw new Error(`Next.js: ${result.error}`);
    check('Next.js, in a worker', result.worker, expected);
    check('Next.js, in the page', result.page, expected);
    const response = await fetch(`${origin}/api`);
    check('Next.js, on the server', await response.json(), expected);
  } finally {
    server.kill();
  }
}
