// Runs each folder of `examples` from the tarballs: one install for all of them, as npm's workspaces.
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { chromium } from 'playwright';
import { findChromium } from './programs.mjs';

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
};

/** What each has to do. `page` and what serves it need Chromium. */
const checks = {
  'node-script': async ({ folder, node }) => {
    const shares = node('segment.js', 'photo.png').match(/\d+\.\d %/g) ?? [];
    for (const file of ['photo.overlay.png', 'photo.cutout.png']) expectFile(join(folder, file));
    expect(shares.length === 12, `the shares of 12 classes, got ${shares.length}`);
  },
  'encoder-classification': async ({ folder, node, samples }) => {
    for (const [name, files] of Object.entries(samples)) {
      mkdirSync(join(folder, 'examples', name), { recursive: true });
      for (const file of files)
        copyFileSync(file, join(folder, 'examples', name, file.split(/[\\/]/).at(-1)));
    }
    const said = node('classify.js', 'examples', 'photo.png');
    expect(said.startsWith('photo.png: portraits'), `portraits, got ${said}`);
  },
  'fine-tune': async ({ folder, node }) => {
    for (const name of ['pictures', 'labels']) mkdirSync(join(folder, name));
    copyFileSync(join(folder, 'photo.png'), join(folder, 'pictures/photo.png'));
    writeFileSync(join(folder, 'draw_labels.js'), drawLabels);
    node('draw_labels.js');
    const said = node('teach.js', 'pictures', 'labels', './taught', '2');
    expect(said.includes('2/2 loss'), `two steps, got ${said}`);
    writeFileSync(join(folder, 'use.js'), useTaught);
    const classes = node('use.js');
    expect(classes === 'ground figure', `ground figure, got ${classes}`);
  },
  'fastify-upload': async ({ folder, photo }) => {
    await serving('node', ['server.js'], folder, async (origin) => {
      const send = async (bytes) => {
        const form = new FormData();
        form.append('picture', new Blob([bytes]), 'photo.png');
        return fetch(`${origin}/cutout`, { method: 'POST', body: form });
      };
      const cutOut = await send(photo);
      await expectPng(cutOut);
      const refused = await send('no picture');
      expect(refused.status === 400, `400 for a text, got ${refused.status}`);
    });
  },
  'vite-react': async ({ folder, npm, page }) => {
    npm('run', 'build');
    if (!page) return 'built; SKIPPED in a browser: no Chromium here';
    await onSite(join(folder, 'dist'), (origin) => page(origin, segmentsFile(/hair.* in \d+ ms/, folder)));
  },
  'webcam-blur': async ({ folder, npm, page }) => {
    npm('run', 'build');
    if (!page) return 'built; SKIPPED in a browser: no Chromium here';
    await onSite(join(folder, 'dist'), (origin) =>
      page(origin, async (tab) => {
        await tab.click('button');
        await says(tab, /frame \d+, \d+ ms on wasm/);
        await expectDrawn(tab);
      }),
    );
  },
  nextjs: async ({ folder, npm, page, photo, binary }) => {
    npm('run', 'build');
    await serving(binary('next'), ['start', '--port', '0'], folder, async (origin) => {
      await expectPng(await fetch(`${origin}/api/segment`, { method: 'POST', body: photo }));
      await page?.(origin, segmentsFile(/cut out in \d+ ms/, folder));
    });
    return page ? undefined : 'served; SKIPPED in a browser: no Chromium here';
  },
  'plain-page': async ({ folder, node, page, installed }) => {
    if (!existsSync(join(installed('@atrous/segmenter'), 'dist/standalone.js')))
      return 'SKIPPED: @atrous/segmenter has no standalone build';
    node('copy_files.js');
    if (!page) return 'copied; SKIPPED in a browser: no Chromium here';
    await onSite(join(folder, 'public'), (origin) => page(origin, segmentsFile(/\d+ ms/, folder)));
  },
};

/** Left is 0, right is 1. */
const drawLabels = `import { writeFileSync } from 'node:fs';
import { encodeIdPng } from '@atrous/mask';
const data = new Uint8Array(512 * 512).map((_, i) => Number(i % 512 > 255));
writeFileSync('labels/photo.png', encodeIdPng({ width: 512, height: 512, data }));
`;
const useTaught = `import { Segmenter } from '@atrous/segmenter';
const segmenter = await Segmenter.load('./taught');
const { labels, classes } = await segmenter.segment('photo.png');
await segmenter.dispose();
if (labels.width !== 512) throw new Error('not a mask');
console.log(classes.map(({ name }) => name).join(' '));
`;

function expect(isRight, what) {
  if (!isRight) throw new Error(`expected ${what}`);
}
const expectFile = (file) => expect(existsSync(file), `${file} to be written`);
async function expectPng(response) {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const what = () => `a PNG, got ${response.status} ${new TextDecoder().decode(bytes.subarray(0, 300))}`;
  expect(response.ok && bytes[1] === 80 && bytes[2] === 78 && bytes.length > 1000, what());
}

/** Waits for a status line. */
async function says(tab, pattern) {
  const status = tab.locator('[role=status], output').first();
  const shown = () => status.textContent();
  for (let i = 0; i < 600 && !pattern.test(await shown()); i++) await tab.waitForTimeout(100);
  expect(pattern.test(await shown()), `${pattern}, the page says: ${await shown()}`);
}
async function expectDrawn(tab) {
  const colours = await tab.locator('canvas').evaluate((canvas) => {
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext('2d'); // a worker may have the canvas
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
  expect(colours > 10, `a picture on the canvas, got ${colours} colours`);
}
/** A visitor chooses the photo. */
const segmentsFile = (pattern, folder) => async (tab) => {
  await tab.locator('input[type=file]:enabled').setInputFiles(join(folder, 'photo.png'));
  await says(tab, pattern);
  await expectDrawn(tab);
};

/** A camera that shows a moving pattern, and may be used without a question. */
const flags = ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/** Opens a page; what it says on its console comes with an error. */
async function visit(browser, url, use) {
  const tab = await browser.newPage();
  const lines = [];
  tab.on('console', (message) => lines.push(message.text()));
  tab.on('pageerror', (error) => lines.push(String(error)));
  try {
    await tab.goto(url);
    await use(tab);
  } catch (error) {
    throw new Error(`${error.message}\n${lines.join('\n')}`, { cause: error });
  } finally {
    await tab.close();
  }
}

/** Serves a folder of files on a port of its own. */
async function onSite(folder, use) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    const type = types[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type }).end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, resolve));
  try {
    await use(`http://localhost:${server.address().port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Starts a server that prints its address, and stops it. */
async function serving(program, args, folder, use) {
  const isNode = program === 'node';
  const child = spawn(isNode ? process.execPath : program, args, {
    cwd: folder,
    env: { ...process.env, PORT: '0', NEXT_TELEMETRY_DISABLED: '1' },
    detached: true, // a group of its own: the server's children end with it
  });
  let told = '';
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    const origin = await new Promise((resolve, reject) => {
      const read = (chunk) => {
        told += chunk;
        const port = /https?:\/\/[\w.[\]:]+?:(\d+)/.exec(told)?.[1];
        if (port) resolve(`http://localhost:${port}`);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('error', reject);
      ended.then((code) => reject(new Error(`${program} ended with ${code}: ${told}`)));
    });
    await use(origin);
  } finally {
    if (child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await ended;
  }
}

/** Pictures by what they show. */
const samplesIn = (folder) => ({
  portraits: ['astronaut.jpg', 'grace_hopper.jpg'].map((file) => join(folder, file)),
  groups: ['soccer.jpg', 'women_on_phones.jpg'].map((file) => join(folder, file)),
});

/** The packages of ours that examples use, and all that these depend on, by name: where the tarball of each is. */
function tarballsFor(manifests, byName) {
  const found = new Set(manifests.flatMap(({ dependencies = {} }) => Object.keys(dependencies)));
  for (const name of found)
    for (const each of Object.keys(byName.get(name)?.manifest.dependencies ?? {})) found.add(each);
  const ours = [...found].filter((name) => byName.has(name));
  return Object.fromEntries(ours.map((name) => [name, `file:${byName.get(name).tarball}`]));
}

/** Every package that an example imports is in its own manifest: installed beside others, it would find more. */
function checkImports(folder, name, { dependencies, devDependencies }) {
  const known = { ...dependencies, ...devDependencies };
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(m?js|tsx?)$/.test(file)) continue;
    const code = readFileSync(join(folder, file), 'utf8');
    for (const [, used] of code.matchAll(/(?:from|import) '((?:@[\w-]+\/)?[\w-]+)[^']*'/g))
      expect(Object.hasOwn(known, used) || used === 'node', `${name}/${file}: ${used} in its package.json`);
  }
}

/**
 * @param packages of this repository, each with its manifest and, as `tarball`, the path of what was packed
 * @param folder an empty one, not below a folder with packages
 * @param run `(program, arguments, folder)`, gives what it printed
 * @param root of the repository
 */
export async function useExamples(packages, folder, run, root) {
  const source = join(root, 'examples');
  const names = readdirSync(source, { withFileTypes: true }).flatMap((one) =>
    one.isDirectory() ? one.name : [],
  );
  expect(names.toSorted().join() === Object.keys(checks).toSorted().join(), `a check for each of ${names}`);
  const manifests = names.map((name) => JSON.parse(readFileSync(join(source, name, 'package.json'), 'utf8')));
  names.forEach((name, i) => {
    checkImports(join(source, name), name, manifests[i]);
    cpSync(join(source, name), join(folder, name), {
      recursive: true,
      filter: (path) => !/node_modules|\.next/.test(path),
    });
    copyFileSync(join(root, 'apps/cli/examples/astronaut.png'), join(folder, name, 'photo.png'));
  });
  const dependencies = tarballsFor(manifests, new Map(packages.map((each) => [each.manifest.name, each])));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, workspaces: names, dependencies }),
  );
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], folder);

  const browser = findChromium() && (await chromium.launch({ executablePath: findChromium(), args: flags }));
  try {
    for (const name of Object.keys(checks)) {
      const place = join(folder, name);
      const left = await checks[name]({
        folder: place,
        photo: readFileSync(join(place, 'photo.png')),
        samples: samplesIn(join(root, 'apps/studio/samples')),
        installed: (one) => join(folder, 'node_modules', one),
        binary: (one) => join(folder, 'node_modules/.bin', one),
        node: (...args) => run(process.execPath, args, place).trim(),
        npm: (...args) => run('npm', args, place),
        page: browser && ((url, use) => visit(browser, url, use)),
      }).catch((error) => {
        throw new Error(`examples/${name}: ${error.message}\n${error.stdout ?? ''}`, { cause: error });
      });
      console.log(`examples/${name}: ${left ?? 'runs'}`);
    }
  } finally {
    await browser?.close();
  }
}
