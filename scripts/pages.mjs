// Pages without a bundler, from the tarballs: the self-contained build in a plain page, from another origin, in a sandbox, and where no worker
// may start.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from './serve.mjs';

/** A picture that needs no decoder, the same in every check. */
export const picture = `const picture = { width: 64, height: 48, data: new Uint8Array(64 * 48 * 3).map((_, i) => (i * 7919) % 256) };`;

/** What a page says in the end, whoever asks: an iframe's goes to the page around it. */
const says = `const say = (result) => { globalThis.result = result; if (parent !== globalThis) parent.postMessage(result, '*'); };`;

const use = (from, { before = '', after = '' } = {}) => `<!doctype html>
<script type="module">
${says}
try {
  ${before}
  const { Segmenter, overlay, paletteOf } = await import('${from}');
  ${picture}
  const segmenter = await Segmenter.load(new URL('/model/', location.href));
  const { labels, classes } = await segmenter.segment(picture);
  const drawn = overlay({ ...picture, data: new Uint8Array(64 * 48 * 4) }, labels, paletteOf(classes));
  ${after}
  const { runtime, reason } = segmenter;
  await segmenter.dispose();
  say({ labels: [...labels.data], runtime, reason, drawn: drawn.data.length });
} catch (error) {
  say({ error: String(error?.message ?? error) });
}
</script>`;

/** Turns that something else on the page had while the picture was segmented. */
const countTurns = {
  before: `let turns = 0; const { port1, port2 } = new MessageChannel(); port1.onmessage = () => { turns++; port2.postMessage(0); };`,
  after: `port2.postMessage(0); await segmenter.segment(picture); globalThis.turns = turns;`,
};

const noWorker =
  /on the calling thread, in slices, since no worker starts here \((http\S+worker_segmenter\.js)/;

/** Each page, and what it has to say. */
const pages = {
  'a plain page': { html: () => use('./atrous/standalone.js'), hasWorker: true },
  'another origin': { html: ({ cdn }) => use(`${cdn}/atrous/standalone.js`), hasWorker: true },
  'a sandboxed iframe': {
    html: () => `<!doctype html><script>addEventListener('message', ({ data }) => { globalThis.result = data; });</script>
<iframe sandbox="allow-scripts" src="./a_plain_page.html"></iframe>`,
    hasWorker: true,
  },
  "worker-src 'none'": { html: () => use('./atrous/standalone.js', countTurns), policy: "worker-src 'none'" },
  'another origin and no workers': {
    html: ({ cdn }) => use(`${cdn}/atrous/standalone.js`),
    policy: "worker-src 'none'",
  },
  'a worker that is not there': {
    html: () => use('./alone/standalone.js'),
    error:
      /the segmenter's script (http\S+\/alone\/worker_segmenter\.js) starts as no worker .* and is not loaded by the page/,
  },
};

const fileOf = (name) => `${name.replaceAll(/\W+/g, '_')}.html`;

/**
 * @param folder where the tarballs are installed
 * @param browser of playwright
 * @param expected the labels of the picture
 */
export async function checkPages(folder, browser, expected) {
  const site = join(folder, 'site');
  const installed = (name) => join(folder, 'node_modules/@atrous', name);
  mkdirSync(join(site, 'atrous'), { recursive: true });
  mkdirSync(join(site, 'alone'));
  for (const file of ['standalone.js', 'worker_segmenter.js'])
    cpSync(join(installed('segmenter'), 'dist', file), join(site, 'atrous', file));
  cpSync(join(installed('segmenter'), 'dist/standalone.js'), join(site, 'alone/standalone.js'));
  cpSync(installed('model-people-small'), join(site, 'model'), { recursive: true });

  const open = { 'Access-Control-Allow-Origin': '*' };
  const policies = new Map(
    Object.entries(pages).flatMap(([name, { policy }]) => (policy ? [[`/${fileOf(name)}`, policy]] : [])),
  );
  const server = await serve(site, (path) => ({
    ...open,
    ...(policies.has(path) && { 'Content-Security-Policy': policies.get(path) }),
  }));
  const cdn = await serve(site, () => open);
  try {
    for (const [name, { html, hasWorker, error }] of Object.entries(pages)) {
      writeFileSync(join(site, fileOf(name)), html({ cdn: cdn.origin }));
      const { result, turns } = await visit(browser, `${server.origin}/${fileOf(name)}`);
      const told = `${name}: ${result.error ?? `${result.runtime} (${result.reason})`}`;
      if (error ? !error.test(result.error ?? '') : result.error) throw new Error(told);
      if (!error && String(result.labels) !== String(expected)) throw new Error(`${told}: other labels`);
      if (!error && noWorker.test(result.reason) === Boolean(hasWorker)) throw new Error(told);
      if (turns !== undefined && turns < 10) throw new Error(`${told}: the page had ${turns} turns`);
      console.log(
        `${told}${turns === undefined ? '' : `; the page had its turn ${turns > 10 ? 'between slices' : ''}`}`,
      );
    }
  } finally {
    await server.close();
    await cdn.close();
  }
}

/** What a page says in its \`result\`. */
export async function visit(browser, url) {
  const page = await browser.newPage();
  const lines = [];
  page.on('console', (message) => lines.push(message.text()));
  page.on('pageerror', (error) => lines.push(String(error)));
  try {
    await page.goto(url);
    await page.waitForFunction(() => globalThis.result !== undefined, undefined, { timeout: 120_000 });
    return await page.evaluate(() => ({ result: globalThis.result, turns: globalThis.turns }));
  } catch (error) {
    throw new Error(`${url}: ${error.message}\n${lines.join('\n')}`, { cause: error });
  } finally {
    await page.close();
  }
}
