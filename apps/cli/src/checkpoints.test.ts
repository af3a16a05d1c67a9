import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSafetensors, readAll, toSafetensors } from '@atrous/checkpoint';
import { fileBytes } from '@atrous/checkpoint/node';
import {
  filledModel,
  type GoldenName,
  goldenError,
  goldenImage,
  goldenWeights,
  loadGolden,
  type Stats,
} from '@atrous/golden';
import type { WeightSource } from '@atrous/graph';
import { decodeLabelPng } from '@atrous/mask';
import { findNetwork } from '@atrous/zoo';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from './test_command.ts';

const fixtures = fileURLToPath(new URL('../../../packages/checkpoint/fixtures/', import.meta.url));
const classifierGolden = 'timm-mobilenetv2_100-97x129-os16';
const deeplabGolden = 'vainf-deeplabv3plus_mobilenet-97x129-os16';

let folder = '';
const atrous = (...args: string[]) => runCommand(folder, ...args);

/** Weights as a file, their names behind a wrapper's. */
async function save(file: string, weights: WeightSource, wrapper = ''): Promise<void> {
  const named = Object.entries(await readAll(weights)).map(([name, weight]) => [wrapper + name, weight]);
  await writeFile(join(folder, file), await toSafetensors(Object.fromEntries(named)));
}

const golden = async (name: GoldenName, file: string, wrapper = '') =>
  save(file, goldenWeights(await loadGolden(name)), wrapper);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-checkpoints-'));
  await golden(classifierGolden, 'classifier.safetensors', 'state_dict.module.');
  await golden(deeplabGolden, 'deeplab.safetensors');
  const { graph } = await findNetwork('mini-xception', { classes: 7 });
  await save('faces.safetensors', filledModel(graph).weights);
  const data = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 37) % 256);
  await writeFile(join(folder, 'photo.png'), encode({ width: 40, height: 30, data, channels: 3 }));
});
afterAll(() => rm(folder, { recursive: true }));

describe('run', () => {
  test.each([
    [classifierGolden, 'classifier.safetensors', 'mobilenetv2_100', 'timm'],
    [deeplabGolden, 'deeplab.safetensors', 'deeplabv3plus-mobilenetv2_100', 'vainf'],
  ] as const)('%s needs no --network', async (name, file, network, source) => {
    const { input, outputStride, endpoints, ...original } = await loadGolden(name);
    await writeFile(join(folder, 'in.safetensors'), await toSafetensors({ image: goldenImage(input.size) }));
    const feeds = ['--feeds', 'in.safetensors', '-o', 'out.safetensors', '--outputs', 'features,logits'];
    const ran = await atrous('run', file, ...feeds, '--output-stride', `${outputStride}`, '--json');
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(JSON.parse(ran.stdout)).toMatchObject({ source, network, outputStride });
    const { logits } = await readAll(await openSafetensors(await fileBytes(join(folder, 'out.safetensors'))));
    const expected = original.logits ?? (endpoints as Readonly<Record<string, Stats>>).logits;
    expect(goldenError(logits, expected)).toBeLessThan(1e-4);
  });
});

describe('inspect', () => {
  test('says whose weights a file holds, of which network, and what its pictures are', async () => {
    const { code, stdout } = await atrous('inspect', 'classifier.safetensors', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      file: 'classifier.safetensors',
      format: 'a safetensors file',
      source: 'timm',
      network: 'mobilenetv2_100',
      family: 'mobilenet-v2',
      head: 'classifier',
      outputStride: 32,
      classes: 1000,
      parameters: 3_504_872,
      weights: { left: 0, wrapper: 'state_dict.module.' },
      preprocess: {
        size: { mode: 'fixed', height: 224, width: 224 },
        channels: 'RGB',
        mean: [123.675, 116.28, 103.53],
      },
    });
  });

  test('tells people the same', async () => {
    const { stdout } = await atrous('inspect', 'deeplab.safetensors');
    expect(stdout).toMatch(/^weights of +vainf$/m);
    expect(stdout).toMatch(
      /^network +deeplabv3plus-mobilenetv2_100, output stride 16, 21 classes, 5\.\d+ M/m,
    );
    expect(stdout).toMatch(/^classes +background, aeroplane, .* \(21\); from PASCAL VOC$/m);
    expect(stdout).toMatch(/^tensors +\d+ used, 0 left over$/m);
    expect(stdout).toMatch(/^pictures +longest side 512, sides multiples of 16; RGB from 0 to 255, minus/m);
  });

  test('names that the network does not have', async () => {
    const weights = await readAll(await openSafetensors(await fileBytes(join(folder, 'faces.safetensors'))));
    const file = await toSafetensors({ ...weights, 'optimizer/step': goldenImage([1]) });
    await writeFile(join(folder, 'more.safetensors'), file);
    const { stdout } = await atrous('inspect', 'more.safetensors');
    expect(stdout).toMatch(/^network +mini-xception, .* 7 classes, 56\.95 k parameters$/m);
    expect(stdout).toMatch(/^left over +optimizer\/step$/m);
    expect(stdout).toMatch(/^pictures +64×64; grey /m);
  });
});

describe('export', () => {
  test('a classifier becomes a folder that names pictures as the file does', async () => {
    const exported = await atrous('export', 'classifier.safetensors', '-o', 'classifier', '--json');
    expect(JSON.parse(exported.stdout)).toMatchObject({ output: 'classifier', source: 'timm' });
    expect((await readdir(join(folder, 'classifier'))).toSorted()).toEqual([
      'config.json',
      'model.fp16.safetensors',
      'model.safetensors',
    ]);
    const guesses = async (model: string) => {
      const { stdout } = await atrous('classify', 'photo.png', '--model', model, '--top', '3', '--json');
      return JSON.parse(stdout).files[0].classes as { id: number; score: number }[];
    };
    const [file, saved] = [await guesses('classifier.safetensors'), await guesses('./classifier')];
    expect(file).toHaveLength(3);
    expect(saved.map(({ id }) => id)).toEqual(file.map(({ id }) => id));
    for (const [i, { score }] of saved.entries()) expect(score).toBeCloseTo(file[i].score, 5);
  });

  test('a DeepLab becomes a folder that segments as the file does, with the labels of its dataset', async () => {
    expect(await atrous('export', 'deeplab.safetensors', '-o', 'deeplab')).toMatchObject({ code: 0 });
    const { formatVersion, architecture, labels } = JSON.parse(
      await readFile(join(folder, 'deeplab/config.json'), 'utf8'),
    );
    expect(formatVersion).toBe(2);
    expect(architecture.encoder).toMatchObject({ family: 'mobilenet-v2', variant: 'mobilenetv2_100' });
    expect(labels[15]).toEqual({ id: 15, name: 'person', color: '#c08080' });
    const masks: string[] = [];
    for (const model of ['deeplab.safetensors', './deeplab']) {
      const segmented = await atrous('segment', 'photo.png', '--model', model, '-o', 'masks', '--json');
      expect([segmented.code, segmented.stderr]).toEqual([0, '']);
      const [{ mask }] = JSON.parse(segmented.stdout).files;
      const { width, height, data } = decodeLabelPng(await readFile(join(folder, mask)), mask);
      masks.push(`${width}×${height} ${data.join()}`);
    }
    expect(masks[0]).toMatch(/^40×30 /);
    expect(masks[1]).toBe(masks[0]);
  });

  test('ONNX and safetensors, which say what they hold', async () => {
    expect(await atrous('export', 'faces.safetensors', '-o', 'faces.onnx')).toMatchObject({ code: 0 });
    expect(await atrous('export', 'faces.onnx', '-o', 'again.safetensors')).toMatchObject({ code: 0 });
    for (const file of ['faces.onnx', 'again.safetensors']) {
      const { source, network, classes } = JSON.parse((await atrous('inspect', file, '--json')).stdout);
      expect([source, network, classes]).toEqual(['atrous', 'mini-xception', 7]);
    }
  });
});

describe('refused', () => {
  const feeds = ['--feeds', 'in.safetensors', '-o', 'never.safetensors'];
  const cases: [what: string, args: string[], message: string][] = [
    [
      '--network of a model that says its own',
      ['inspect', 'people', '--network', 'xception41'],
      'people is a model with a config.json, which says all of it: leave --network out',
    ],
    [
      'several of them, of a folder',
      ['run', './copy', '--source', 'timm', '--classes', '5', ...feeds],
      './copy is a model with a config.json, which says all of it: leave --source, --classes out',
    ],
    [
      'an unknown network',
      ['run', 'faces.safetensors', '--network', 'mini-exception', ...feeds],
      'unknown network "mini-exception"; did you mean mini-xception?: expected one of xception,',
    ],
    [
      'another network than the file holds',
      ['inspect', 'faces.safetensors', '--network', 'tiny-xception'],
      'do not fit the network (tiny-xception)',
    ],
    [
      'a source whose names these are not',
      ['inspect', 'faces.safetensors', '--source', 'smp'],
      "the weights' names",
    ],
    [
      'names of nobody',
      ['inspect', 'torch_zip.pth'],
      "the weights' names (conv.weight, conv.bias, norm.weight, norm.bias, … and 4 more) are of none of the sources",
    ],
    [
      'a pickle that would run something',
      ['inspect', 'torch_evil_system.pth'],
      'the pickle asks for posix.system, which weights do not need. None of it was run.',
    ],
    ['no file', ['inspect', 'missing.pth'], 'missing.pth'],
    [
      'a picture for a classifier that labels pixels',
      ['classify', 'photo.png', '--model', 'deeplab.safetensors'],
      'labels pixels, it does not classify pictures',
    ],
    [
      'labels of a classifier',
      ['export', 'faces.safetensors', '-o', 'faces.onnx', '--output', 'labels'],
      '--output labels needs a network with a DeepLab head and classes',
    ],
    [
      'the file itself as output',
      ['export', 'faces.safetensors', '-o', 'faces.safetensors'],
      'would overwrite the input',
    ],
  ];
  beforeAll(async () => {
    for (const file of ['torch_zip.pth', 'torch_evil_system.pth'])
      await copyFile(join(fixtures, file), join(folder, file));
    expect(await atrous('export', 'people-small', '-o', 'copy')).toMatchObject({ code: 0 });
  });
  test.each(cases)('%s', async (_what, args, message) => {
    const { code, stderr } = await atrous(...args);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at '); // no stack: it is not our fault
    expect(code).toBe(1);
  });
});
