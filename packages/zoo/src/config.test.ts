import { readdirSync, readFileSync } from 'node:fs';
import { sharedFolder } from '@atrous/golden';
import { describe, expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { tinyConfig } from './test_model.ts';

const file = { file: 'model.safetensors', dtype: 'float32', bytes: 4, sha256: 'a'.repeat(64) };
const sound = { ...tinyConfig, weights: { names: 'atrous', files: [file] } };
const parse = (config: unknown) => parseConfig(JSON.stringify(config), 'config.json');

/** The sound config with some parts replaced. */
const changed = (parts: Partial<Record<'architecture' | 'preprocess' | 'file', object>>) => ({
  ...sound,
  architecture: { ...sound.architecture, ...parts.architecture },
  preprocess: { ...sound.preprocess, ...parts.preprocess },
  weights: { names: 'atrous', files: [{ ...file, ...parts.file }] },
});

test.each(['people', 'street'])("the shipped model's config is one: %s", (name) => {
  const text = readFileSync(new URL(`../../model-${name}/config.json`, import.meta.url), 'utf8');
  expect(parseConfig(text, 'config.json').labels.length).toBeGreaterThan(10);
});

const cases = sharedFolder ? readdirSync(`${sharedFolder}cases/config`) : [];
test.skipIf(cases.length === 0).each(cases.length ? cases : ['(../shared is not here)'])(
  'a config that once hung is refused in 100 ms: %s',
  (name) => {
    const text = readFileSync(`${sharedFolder}cases/config/${name}`, 'utf8');
    const start = performance.now();
    expect(errorOf(() => parseConfig(text, name))).toMatchObject({ code: 'config' });
    expect(performance.now() - start).toBeLessThan(100);
  },
);

test('what may be left out has the usual values', () => {
  const { size, mean, std } = tinyConfig.preprocess;
  const { preprocess, postprocess } = parse({
    ...sound,
    preprocess: { size, mean, std },
    postprocess: undefined,
  });
  expect(preprocess).toMatchObject({
    channels: 'RGB',
    range: [0, 255],
    filter: 'bilinear-antialiased',
    fit: 'stretch',
  });
  expect(postprocess).toEqual({ resize: 'half-pixel' });
});

describe('a config that cannot be used', () => {
  const { labels: _, ...unlabelled } = sound;
  const cases: [what: string, config: unknown, message: RegExp][] = [
    ['without labels', unlabelled, /labels: missing/],
    ['with no labels', { ...sound, labels: [] }, /labels: expected a list with 1 to 65536 items/],
    [
      'with fewer labels than classes',
      { ...sound, labels: sound.labels.slice(1, 2).map((l) => ({ ...l, id: 0 })) },
      /3 classes, but there are 1 labels/,
    ],
    [
      'with ids out of order',
      { ...sound, labels: sound.labels.toReversed() },
      /labels: expected the ids 0, 1, 2/,
    ],
    [
      'with a path for a file',
      { ...sound, weights: { names: 'atrous', files: [{ ...file, file: '../../secret' }] } },
      /plain file name/,
    ],
    [
      'with a deviation of zero',
      { ...sound, preprocess: { ...sound.preprocess, std: [1, 0, 1] } },
      /preprocess\.std\.1: expected a number from 0\.000001 to 65536 .*, got 0/,
    ],
    ['of a later format', { ...sound, formatVersion: 2 }, /formatVersion: /],
    [
      'with an unknown encoder',
      { ...sound, architecture: { ...tinyConfig.architecture, encoder: 'resnet' } },
      /architecture\.encoder: /,
    ],
    ['that is a number', 7, /config root: expected an object, got 7/],
    ['that is a list', [1, 2], /config root\.formatVersion|formatVersion: missing/],
    [
      'with the ids of other places',
      { ...sound, labels: sound.labels.map((l) => ({ ...l, id: 0 })) },
      /in order/,
    ],
    [
      'with an aspp that has no such branch',
      changed({ architecture: { aspp: { rates: [6] } } }),
      /concat must name/,
    ],
  ];
  test.each(cases)('%s', (_what, config, message) => {
    expect(() => parse(config)).toThrow(message);
  });
  test('that is no JSON', () => {
    expect(() => parseConfig('{', 'here/config.json')).toThrow('here/config.json: not JSON');
    expect(() => parseConfig('{"name":1,"name":2}', 'c')).toThrow('duplicate key "name"');
    expect(() => parseConfig('{"scores":'.repeat(1e5), 'c')).toThrow('nested deeper than 64 levels');
  });
  test('everything that is wrong with it stands in one error', () => {
    const broken = { ...sound, labels: [], formatVersion: 2, weights: { names: 'atrous', files: [] } };
    expect(() => parse(broken)).toThrow(/formatVersion[\s\S]*labels[\s\S]*weights\.files/);
  });
});

describe('every number has the bound that a real network has', () => {
  const size = (mode: string, sides: object) => ({ preprocess: { size: { mode, ...sides } } });
  const cases: [where: string, config: object][] = [
    ['architecture.classes', changed({ architecture: { classes: 65_537 } })],
    ['architecture.classes', changed({ architecture: { classes: -1 } })],
    ['architecture.widthMultiplier', changed({ architecture: { widthMultiplier: 9 } })],
    ['architecture.channelDivisor', changed({ architecture: { channelDivisor: 1e6 } })],
    ['architecture.batchNormEpsilon', changed({ architecture: { batchNormEpsilon: 0 } })],
    ['architecture.batchNormEpsilon.head', changed({ architecture: { batchNormEpsilon: { head: 2 } } })],
    ['architecture.multiGrid', changed({ architecture: { multiGrid: Array(9).fill(1) } })],
    ['architecture.multiGrid.1', changed({ architecture: { multiGrid: [1, 257] } })],
    ['architecture.aspp.rates', changed({ architecture: { aspp: { rates: Array(100_000).fill(1) } } })],
    ['architecture.aspp.rates.0', changed({ architecture: { aspp: { rates: [1e9] } } })],
    ['architecture.aspp.channels', changed({ architecture: { aspp: { channels: 8193 } } })],
    ['architecture.aspp.concat', changed({ architecture: { aspp: { concat: Array(19).fill('pool') } } })],
    ['architecture.decoder.channels', changed({ architecture: { decoder: { channels: 0 } } })],
    [
      'architecture.decoder.lowLevelChannels',
      changed({ architecture: { decoder: { lowLevelChannels: 1e9 } } }),
    ],
    ['architecture.decoder.convolutions', changed({ architecture: { decoder: { convolutions: 1e9 } } })],
    ['preprocess.size.height', changed(size('fixed', { height: 16_385, width: 1 }))],
    ['preprocess.size.width', changed(size('fixed', { height: 1, width: 1.5 }))],
    ['preprocess.size.pixels', changed(size('longest-side', { pixels: 1e9 }))],
    ['preprocess.size.multipleOf', changed(size('original', { multipleOf: 1e9 }))],
    ['preprocess.range.1', changed({ preprocess: { range: [0, 1e38] } })],
    ['preprocess.mean.3', changed({ preprocess: { mean: [1, 2, 3, 4] } })],
    ['preprocess.mean.2', changed({ preprocess: { mean: [1, 2] } })],
    ['preprocess.std.0', changed({ preprocess: { std: [1e-45, 1, 1] } })],
    ['preprocess.std.0', changed({ preprocess: { std: [1e38, 1, 1] } })],
    ['weights.files.0.bytes', changed({ file: { bytes: 2 ** 33 } })],
    ['weights.parameters', { ...sound, weights: { ...sound.weights, parameters: 1e12 } }],
    ['weights.files', { ...sound, weights: { ...sound.weights, files: Array(9).fill(file) } }],
    ['labels', { ...sound, labels: Array(65_537).fill(0) }],
    ['ignoreId', { ...sound, ignoreId: 65_536 }],
    ['name', { ...sound, name: 'x'.repeat(257) }],
    ['licence', { ...sound, licence: 'x'.repeat(65_537) }],
  ];
  test.each(cases)('%s', (where, config) => {
    const error = errorOf(() => parse(config));
    expect(error).toMatchObject({ code: 'config' });
    expect(error.message).toMatch(new RegExp(`^  ${where.replaceAll('.', '\\.')}: expected `, 'm'));
    expect(error.message.length).toBeLessThan(700);
  });
  test('an infinite mean', () => {
    const text = JSON.stringify(sound).replace('"mean":[128,', '"mean":[1e999,');
    expect(() => parseConfig(text, 'c')).toThrow('preprocess.mean.0: expected a number from -65536');
  });
  test('equal ends of the range', () => {
    expect(() => parse(changed({ preprocess: { range: [7, 7] } }))).toThrow('two different numbers');
  });
});

test.each([
  ['architecture.widthMultiplyer', { widthMultiplyer: 1 }, 'did you mean widthMultiplier?'],
  ['architecture.outputstride', { outputstride: 8 }, 'did you mean outputStride?'],
  ['architecture.aspp.rate', { aspp: { rate: [1] } }, 'did you mean rates?'],
  ['architecture.backbone', { backbone: 'xception' }, 'expected one of head, encoder, classes'],
  ['architecture.toString', { toString: 1 }, 'unknown key'],
])('the unknown key %s is an error that names the nearest', (where, architecture, hint) => {
  const { message } = errorOf(() => parse(changed({ architecture })));
  expect(message).toContain(`${where}: unknown key; `);
  expect(message).toContain(hint);
});

test('all unknown keys of an object are named', () => {
  expect(() => parse({ ...sound, licens: '', dataset: '' })).toThrow(
    'licens: unknown key; did you mean licence? (unknown, too: "dataset")',
  );
});

test('scores and training may hold anything', () => {
  const free = { scores: { miou: null }, training: { a: { b: [1] } } };
  expect(parse({ ...sound, ...free })).toMatchObject(free);
});

test.each([
  '..',
  '.',
  '.hidden',
  'a/b',
  'a\\b',
  'CON',
  'nul.safetensors',
  'lpt1',
  'a.',
  'config.json',
  'x'.repeat(129),
])('weights named %s are refused', (name) => {
  expect(() => parse(changed({ file: { file: name } }))).toThrow('expected a plain file name');
});

test('65,536 labels that are none are refused in a short message', () => {
  const { message } = errorOf(() => parse({ ...sound, labels: Array(65_536).fill({}) }));
  expect(message.length).toBeLessThan(3000);
  expect(message).toContain('… and 196588 more');
});

function errorOf(task: () => unknown): Error {
  try {
    task();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected it to throw');
}
