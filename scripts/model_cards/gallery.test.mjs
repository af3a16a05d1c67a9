import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { encodePng, parseColor } from '../../packages/mask/src/index.ts';
import { readPicture } from '../../packages/segmenter/src/node.ts';
import { galleryCommand, keptIds, withVerdicts } from './gallery.mjs';
import { choose, chooseAs } from './gallery_choose.mjs';
import { drawSheet, layOut, plainColor } from './gallery_draw.mjs';
import { gallery } from './gallery_text.mjs';

const grey = [90, 90, 90];
const red = [220, 20, 30];
const classes = [
  { id: 0, name: 'background', color: '#000000' },
  { id: 1, name: 'block', color: '#2030f0' },
];

/** A red block in the middle of grey ground. */
function drawnPicture(width, height) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
    data.set([...(isBlock(x, y) ? red : grey), 255], 4 * i);
  }
  return { width, height, data };
}
const isBlock = (x, y) => x >= 0.25 && x < 0.75 && y >= 0.25 && y < 0.75;

/** Finds what is red. */
const segmenter = {
  config: { postprocess: { resize: 'half-pixel' } },
  classes,
  async segment({ width, height, data }) {
    const found = Uint8Array.from({ length: width * height }, (_, i) => Number(data[4 * i] > 150));
    const logits = Float32Array.from({ length: 2 * found.length }, (_, i) =>
      (i % 2 === 1) === (found[i >> 1] === 1) ? 9 : -9,
    );
    const shape = [1, height, width, 2];
    return {
      labels: { width, height, data: found },
      classes,
      logits: { dtype: 'float32', shape, data: logits },
    };
  },
};

let folder;
const path = (name) => join(folder, name);
const names = ['file', 'title', 'author', 'source', 'licence', 'use', 'changes'];
const row = (file, licence = 'CC BY 2.0', use = 'ship', changes = 'none') => [
  `pictures/${file}`,
  `[${file}]`,
  'A. Uthor',
  'https://example.org/(1)',
  licence,
  use,
  changes,
];
const rows = [
  row('tall.png', 'CC0 1.0', 'ship', 'made smaller'),
  row('seen.png', 'no licence', 'look'),
  row('broad.png'),
];
function tableOf(...lines) {
  writeFileSync(path('LICENCES.tsv'), [names, ...lines].map((cells) => `${cells.join('\t')}\n`).join(''));
  return path('LICENCES.tsv');
}
const chosenBy = (every, ...lines) => choose(path('pictures'), tableOf(...lines), every);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gallery-'));
  mkdirSync(path('pictures'));
  const sizes = { tall: [120, 240], seen: [8, 8], broad: [300, 150] };
  for (const [name, size] of Object.entries(sizes))
    writeFileSync(path(`pictures/${name}.png`), encodePng(drawnPicture(...size)));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('takes every n-th picture by name of those that may be published', () => {
  const files = (every) => chosenBy(every, ...rows).chosen.map(({ file }) => file);
  assert.deepEqual(files(1), ['pictures/broad.png', 'pictures/tall.png']);
  assert.deepEqual(files(2), ['pictures/broad.png']);
  assert.equal(chosenBy(2, ...rows).of, 2);
});

test("takes the pictures of another model's card in its order, known by their source", () => {
  const at = (source, [name, title, author, , ...rest]) => [name, title, author, source, ...rest];
  const table = tableOf(at('https://a.org/t', rows[0]), rows[1], at('https://a.org/b', rows[2]));
  const card = (...sources) => ({ pictures: sources.map((source) => ({ file: 'other/x.jpg', source })) });
  const files = (...sources) => chooseAs(path('pictures'), table, card(...sources)).map(({ file }) => file);
  assert.deepEqual(files('https://a.org/t', 'https://a.org/b'), ['pictures/tall.png', 'pictures/broad.png']);
  assert.deepEqual(files('https://a.org/b'), ['pictures/broad.png']);
  assert.throws(
    () => files('https://a.org/b', 'https://a.org/c'),
    /no picture to publish with the source of other\/x\.jpg \(https:\/\/a\.org\/c\)/,
  );
  // to be looked at only
  assert.throws(() => files('https://example.org/(1)'), /no picture to publish/);
});

test('two rules of choice at once, and a card without pictures to take, are refused', async () => {
  const root = join(folder, 'root');
  for (const name of ['own', 'bare']) {
    mkdirSync(join(root, 'packages', `model-${name}`, 'card'), { recursive: true });
    for (const file of ['config.json', 'card/card.json'])
      writeFileSync(join(root, 'packages', `model-${name}`, file), '{}');
  }
  const run = (...args) => galleryCommand(root, ['own', '--pictures', path('pictures'), ...args]);
  await assert.rejects(run('--as', 'bare', '--every', '2'), /--as and --every are two rules; give one/);
  await assert.rejects(run('--as', 'bare'), /--as bare: .*card\.json has no gallery; draw that one first/);
  await assert.rejects(run('--as', 'none'), /--as none: .*model-none.* has no gallery/);
});

test('a table that does not say enough is refused', () => {
  const refused = (message, every, ...lines) => assert.throws(() => chosenBy(every, ...lines), message);
  refused(/no line for pictures.seen\.png: add one/, 1, rows[0], rows[2]);
  refused(/names pictures\/gone\.png, which is not there/, 1, ...rows, row('gone.png'));
  refused(/line 2: licence is "CC BY-NC 2\.0"; expected public domain …/, 1, row('tall.png', 'CC BY-NC 2.0'));
  refused(/line 2: use is "maybe"; expected ship or look/, 1, row('tall.png', 'CC0 1.0', 'maybe'));
  refused(/line 2: licence is empty/, 1, row('tall.png', ''));
  refused(/pictures\/tall\.png has two lines/, 1, ...rows, rows[0]);
  refused(
    /lets no picture of it be published/,
    1,
    ...rows.map(([file]) => row(file.slice(9), 'none', 'look')),
  );
  refused(/every: expected a whole number from 1 on, got 0/, 0, ...rows);
  const table = tableOf(...rows);
  writeFileSync(table, 'file\tuse\n');
  assert.throws(
    () => choose(path('pictures'), table, 1),
    /no column title, author, source, licence; its first line has file, use/,
  );
});

test('a sheet shows the picture, its classes and its cut-out, with a number', async () => {
  const paths = [path('pictures/broad.png'), path('pictures/tall.png')];
  const { jpeg } = await drawSheet(segmenter, paths, keptIds(classes));
  const sheet = await readPicture(jpeg);
  const { places, height } = layOut([2, 0.5]);
  assert.deepEqual([sheet.width, sheet.height], [1600, height]);
  const colorAt = (x, y) => [
    ...sheet.data.subarray(3 * (y * sheet.width + x), 3 * (y * sheet.width + x) + 3),
  ];
  const near = (given, wanted, what) =>
    assert.ok(
      given.every((value, i) => Math.abs(value - wanted[i]) < 14),
      `${what}: ${given}, wanted ${wanted}`,
    );
  const mixed = (under, over) => under.map((value, i) => 0.4 * value + 0.6 * over[i]);
  for (const [i, { left, top, width, height: tall }] of places.entries()) {
    const inPanel = (panel, x, y) =>
      colorAt(Math.round(left + panel * (width + 2) + x * width), Math.round(top + y * tall));
    near(inPanel(0, 0.5, 0.5), red, `block ${i}`);
    near(inPanel(0, 0.9, 0.9), grey, `ground ${i}`);
    near(inPanel(1, 0.5, 0.5), mixed(red, parseColor(classes[1].color)), `class of block ${i}`);
    near(inPanel(1, 0.9, 0.9), mixed(grey, [0, 0, 0]), `class of ground ${i}`);
    near(inPanel(2, 0.5, 0.5), red, `cut-out ${i}`);
    near(inPanel(2, 0.9, 0.9), parseColor(plainColor), `behind the cut-out ${i}`);
  }
  // the lower left dot: black in a 1 and in the gap beside it, white in a 2
  const dots = places.map(({ left, top }) => colorAt(left + 4, top + 13));
  assert.deepEqual(
    dots.map(([value]) => value > 128),
    [false, true],
  );
});

test('rows are as wide as the sheet, and nothing reaches over its edge', () => {
  const { places } = layOut([1.5, 0.7, 1, 2.4, 8, 0.1, 1]);
  const ends = new Map(places.map((place) => [place.top, place.left + 3 * place.width + 4]));
  for (const end of ends.values()) assert.ok(end <= 1588, `${end}`);
  assert.ok(
    [...ends.values()].slice(0, -1).every((end) => end > 1560),
    `${[...ends.values()]}`,
  );
});

test('a sheet that does not fit is refused', async () => {
  await assert.rejects(
    drawSheet(segmenter, [path('pictures/broad.png')], [1], 1000),
    /a sheet of 1 pictures does not fit into 0\.001 MB at quality 64: take fewer/,
  );
});

test('a cut-out keeps what is named, and all but background by default', () => {
  assert.deepEqual(keptIds(classes), [1]);
  assert.deepEqual(keptIds(classes, 'block,background'), [1, 0]);
  assert.throws(() => keptIds(classes, 'hat'), /no class "hat"; it has background, block/);
});

test('the card has a line for each picture once a person has looked', () => {
  const pictures = withVerdicts(chosenBy(1, ...rows).chosen, [
    { file: 'pictures/tall.png', verdict: 'all of it' },
  ]);
  const own = { every: 1, of: 2, weights: 'abc', pictures };
  const config = { weights: { files: [{ sha256: 'abc' }] } };
  assert.throws(
    () => gallery(own, config),
    /no verdict on 1 of 2 pictures \(1 pictures\/broad\.png\): look at/,
  );
  pictures[0].verdict = ' block *missed* ';
  const text = gallery(own, config);
  assert.match(text, /^All 2 pictures that may be published, whatever comes out\. In bold/);
  assert.deepEqual(text.split('\n').slice(-2), [
    '1. [\\[broad.png\\]](https://example.org/%281%29) by A. Uthor, [CC BY 2.0](https://creativecommons.org/licenses/by/2.0/). **block \\*missed\\***',
    '2. [\\[tall.png\\]](https://example.org/%281%29) by A. Uthor, [CC0 1.0](https://creativecommons.org/publicdomain/zero/1.0/); made smaller. **all of it**',
  ]);
  assert.match(
    gallery({ ...own, every: 3 }, config),
    /2 of 2 pictures that may be published, one in 3 by name, whatever comes out/,
  );
  assert.match(
    gallery({ ...own, every: undefined, of: undefined, as: 'people' }, config),
    /^The 2 pictures of the card of \[`@atrous\/model-people`\]\(\.\.\/model-people\), in its order, whatever comes out/,
  );
  assert.throws(
    () => gallery({ ...own, weights: 'def' }, config),
    /made with other weights .*\(def…\): draw it/,
  );
});
