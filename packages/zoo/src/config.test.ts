import { readdirSync, readFileSync } from 'node:fs';
import { sharedFolder } from '@atrous/golden';
import { describe, expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { tinyConfig } from './test_model.ts';

const file = { file: 'model.safetensors', dtype: 'float32', bytes: 4, sha256: 'a'.repeat(64) };
const sound = { ...tinyConfig, weights: { names: 'atrous', files: [file] } };
const parse = async (config: unknown) => (await parseConfig(JSON.stringify(config), 'config.json')).config;

/** The sound config with some parts replaced. */
const changed = (parts: Partial<Record<'architecture' | 'preprocess' | 'file', object>>) => ({
  ...sound,
  architecture: { ...sound.architecture, ...parts.architecture },
  preprocess: { ...sound.preprocess, ...parts.preprocess },
  weights: { names: 'atrous', files: [{ ...file, ...parts.file }] },
});

/** The sound config with other options of its encoder. */
const withOptions = (options: object) =>
  changed({ architecture: { encoder: { family: 'xception', variant: 'xception41', options } } });

test.each(['people', 'people-small', 'street'])("the shipped model's config is one: %s", async (name) => {
  const text = readFileSync(new URL(`../../model-${name}/config.json`, import.meta.url), 'utf8');
  expect((await parseConfig(text, 'config.json')).config.labels.length).toBeGreaterThan(10);
});

const cases = sharedFolder ? readdirSync(`${sharedFolder}cases/config`) : [];
test.skipIf(cases.length === 0).each(cases.length ? cases : ['(../shared is not here)'])(
  'a config that once hung is refused in 100 ms: %s',
  async (name) => {
    const text = readFileSync(`${sharedFolder}cases/config/${name}`, 'utf8');
    const start = performance.now();
    expect(await errorOf(parseConfig(text, name))).toMatchObject({ code: 'config' });
    expect(performance.now() - start).toBeLessThan(100);
  },
);

test('what may be left out has the usual values', async () => {
  const { size, mean, std } = tinyConfig.preprocess;
  const { preprocess, postprocess } = await parse({
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

test.each([
  { size: { mode: 'shortest-side', pixels: 520, multipleOf: 8 }, fit: 'stretch' },
  { size: { mode: 'longest-side', pixels: 512, multipleOf: 32 }, fit: 'pad' },
  { size: { mode: 'fixed', height: 513, width: 513 }, fit: 'pad' },
  { size: { mode: 'original', multipleOf: 32 }, fit: 'pad' },
] as const)('a way to the input size stays as it is: $size.mode, $fit', async (preprocess) => {
  expect((await parse(changed({ preprocess }))).preprocess).toMatchObject(preprocess);
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
    ['of a later format', { ...sound, formatVersion: 3 }, /formatVersion: /],
    [
      'with an unknown family',
      changed({ architecture: { encoder: { family: 'lenet', variant: 'lenet5' } } }),
      /architecture\.encoder\.family: expected one of xception, vgg, resnet/,
    ],
    [
      'with a variant of another family',
      changed({ architecture: { encoder: { family: 'resnet', variant: 'vgg16' } } }),
      /architecture\.encoder\.variant: expected one of .*resnet50/,
    ],
    [
      'with an encoder of the first format',
      changed({ architecture: { encoder: 'xception41' } }),
      /architecture\.encoder: expected an object/,
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
  test.each(cases)('%s', async (_what, config, message) => {
    await expect(parse(config)).rejects.toThrow(message);
  });
  test('that is no JSON', async () => {
    await expect(parseConfig('{', 'here/config.json')).rejects.toThrow('here/config.json: not JSON');
    await expect(parseConfig('{"name":1,"name":2}', 'c')).rejects.toThrow('duplicate key "name"');
    await expect(parseConfig('{"scores":'.repeat(1e5), 'c')).rejects.toThrow('nested deeper than 64 levels');
  });
  test('everything that is wrong with it stands in one error', async () => {
    const broken = { ...sound, labels: [], formatVersion: 3, weights: { names: 'atrous', files: [] } };
    await expect(parse(broken)).rejects.toThrow(/formatVersion[\s\S]*labels[\s\S]*weights\.files/);
  });
});

describe('every number has the bound that a real network has', () => {
  const size = (mode: string, sides: object) => ({ preprocess: { size: { mode, ...sides } } });
  const cases: [where: string, config: object][] = [
    ['architecture.classes', changed({ architecture: { classes: 65_537 } })],
    ['architecture.classes', changed({ architecture: { classes: -1 } })],
    ['architecture.encoder.options.widthMultiplier', withOptions({ widthMultiplier: 9 })],
    ['architecture.encoder.options.channelDivisor', withOptions({ channelDivisor: 1e6 })],
    ['architecture.encoder.options.epsilon', withOptions({ epsilon: 0 })],
    ['architecture.epsilon', changed({ architecture: { epsilon: 2 } })],
    ['architecture.encoder.options.multiGrid', withOptions({ multiGrid: Array(9).fill(1) })],
    ['architecture.encoder.options.multiGrid.1', withOptions({ multiGrid: [1, 257] })],
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
    ['compute.int8.miou', { ...sound, compute: { int8: { auto: true, miou: -101, sameLabels: 1 } } }],
    ['compute.int8.sameLabels', { ...sound, compute: { int8: { auto: true, miou: 0, sameLabels: 99 } } }],
    ['compute.int8.auto', { ...sound, compute: { int8: { auto: 'yes', miou: 0, sameLabels: 1 } } }],
    ['labels', { ...sound, labels: Array(65_537).fill(0) }],
    ['ignoreId', { ...sound, ignoreId: 65_536 }],
    ['name', { ...sound, name: 'x'.repeat(257) }],
    ['licence', { ...sound, licence: 'x'.repeat(65_537) }],
  ];
  test.each(cases)('%s', async (where, config) => {
    const error = await errorOf(parse(config));
    expect(error).toMatchObject({ code: 'config' });
    expect(error.message).toMatch(new RegExp(`^  ${where.replaceAll('.', '\\.')}: expected `, 'm'));
    expect(error.message.length).toBeLessThan(700);
  });
  test('an infinite mean', async () => {
    const text = JSON.stringify(sound).replace('"mean":[128,', '"mean":[1e999,');
    await expect(parseConfig(text, 'c')).rejects.toThrow('preprocess.mean.0: expected a number from -65536');
  });
  test('equal ends of the range', async () => {
    await expect(parse(changed({ preprocess: { range: [7, 7] } }))).rejects.toThrow('two different numbers');
  });
});

test.each([
  ['architecture.clases', { clases: 1 }, 'did you mean classes?'],
  ['architecture.outputstride', { outputstride: 8 }, 'did you mean outputStride?'],
  ['architecture.aspp.rate', { aspp: { rate: [1] } }, 'did you mean rates?'],
  ['architecture.backbone', { backbone: 'xception' }, 'expected one of head, encoder, classes'],
  ['architecture.toString', { toString: 1 }, 'unknown key'],
])('the unknown key %s is an error that names the nearest', async (where, architecture, hint) => {
  const { message } = await errorOf(parse(changed({ architecture })));
  expect(message).toContain(`${where}: unknown key; `);
  expect(message).toContain(hint);
});

test('all unknown keys of an object are named', async () => {
  await expect(parse({ ...sound, licens: '', dataset: '' })).rejects.toThrow(
    'licens: unknown key; did you mean licence? (unknown, too: "dataset")',
  );
});

test('what computing in 8 bits costs is told', async () => {
  const compute = { int8: { auto: true, miou: -0.02, sameLabels: 0.997 } };
  expect((await parse({ ...sound, compute })).compute).toEqual(compute);
});

test('scores and training may hold anything', async () => {
  const free = { scores: { miou: null }, training: { a: { b: [1] } } };
  expect(await parse({ ...sound, ...free })).toMatchObject(free);
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
])('weights named %s are refused', async (name) => {
  await expect(parse(changed({ file: { file: name } }))).rejects.toThrow('expected a plain file name');
});

test('65,536 labels that are none are refused in a short message', async () => {
  const { message } = await errorOf(parse({ ...sound, labels: Array(65_536).fill({}) }));
  expect(message.length).toBeLessThan(3000);
  expect(message).toContain('… and 196588 more');
});

async function errorOf(task: Promise<unknown>): Promise<Error> {
  try {
    await task;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected it to throw');
}

describe('format 1, which knew Xceptions only, is read as format 2', () => {
  const old = (architecture: object) => ({
    ...sound,
    formatVersion: 1,
    architecture: { head: 'deeplabv3plus', encoder: 'xception65', classes: 3, ...architecture },
  });
  test('every key has its place', async () => {
    const { formatVersion, architecture } = await parse(
      old({
        outputStride: 8,
        widthMultiplier: 0.25,
        channelDivisor: 4,
        padding: { stem: 'same' },
        batchNormEpsilon: { encoder: 1e-3, head: 1e-4 },
        separableActivation: 'elu',
        residual: false,
        multiGrid: [1, 2, 4],
        resize: 'half-pixel',
        aspp: { channels: 4, separable: false },
        decoder: { lowLevel: { endpoint: 'entry_flow/block2/conv2', relu: true }, channels: 4 },
      }),
    );
    expect(formatVersion).toBe(2);
    expect(architecture).toEqual({
      head: 'deeplabv3plus',
      encoder: {
        family: 'xception',
        variant: 'xception65',
        options: {
          widthMultiplier: 0.25,
          channelDivisor: 4,
          padding: { stem: 'same' },
          epsilon: 1e-3,
          separableActivation: 'elu',
          residual: false,
          multiGrid: [1, 2, 4],
          taps: 'after',
        },
      },
      classes: 3,
      outputStride: 8,
      resize: 'half-pixel',
      epsilon: 1e-4,
      aspp: { channels: 4, convolution: 'ordinary' },
      decoder: { lowLevel: 'entry_flow/block2/conv2/tap', channels: 4 },
    });
  });
  test('what it does not say is not said', async () => {
    const { architecture } = await parse(old({ batchNormEpsilon: 1e-4 }));
    expect(architecture).toEqual({
      head: 'deeplabv3plus',
      encoder: { family: 'xception', variant: 'xception65', options: { epsilon: 1e-4 } },
      classes: 3,
      epsilon: 1e-4,
    });
  });
  test.each([
    ['architecture.widthMultiplyer', { widthMultiplyer: 1 }, 'did you mean widthMultiplier?'],
    ['architecture.batchNormEpsilon.head', { batchNormEpsilon: { head: 2 } }, 'expected a number from'],
    ['architecture.encoder', { encoder: 'resnet50' }, 'expected one of xception, xception-middle'],
  ])('its own keys are checked: %s', async (where, architecture, hint) => {
    const { message } = await errorOf(parse(old(architecture)));
    expect(message).toContain(where);
    expect(message).toContain(hint);
  });
});
