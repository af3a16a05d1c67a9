import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel } from '@atrous/zoo';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportCommand } from './commands/export.ts';
import { runCommand } from './test_command.ts';
import { refuseDynamicRange, tfliteEncoding } from './tflite_export.ts';

const [people, quarter] = await Promise.all(
  ['model-people-small', 'golden/models/quarter'].map((folder) =>
    loadModel(fileURLToPath(new URL(`../../../packages/${folder}/`, import.meta.url))),
  ),
);
const size = { height: 240, width: 320 };

test('the size is what was asked for, or the model’s own', async () => {
  expect((await tfliteEncoding(people, { size })).shapes).toEqual({ image: [1, 240, 320, 3] });
  expect((await tfliteEncoding(quarter, {})).shapes).toEqual({ image: [1, 360, 480, 3] });
  expect((await tfliteEncoding(quarter, { size })).shapes).toEqual({ image: [1, 240, 320, 3] });
});

test('a model that takes any size has none: the error says how to give one', async () => {
  await expect(tfliteEncoding(people, {})).rejects.toThrow(
    'people-small takes pictures of any size, their longest side made 320: say which with --size HEIGHTxWIDTH, e.g. --size 240x320',
  );
  const preprocess = { ...people.config!.preprocess, size: { mode: 'original', multipleOf: 16 } as const };
  const original = { ...people, config: { ...people.config!, preprocess } };
  await expect(tfliteEncoding(original, {})).rejects.toThrow('of any size: say which with --size');
});

test('precision is said in the words of the other formats', async () => {
  const of = async (flags: object) => (await tfliteEncoding(quarter, flags)).precision;
  expect(await Promise.all([of({}), of({ half: true }), of({ int8: true })])).toEqual([
    'float32',
    'float16',
    'int8',
  ]);
  expect((await tfliteEncoding(quarter, { int8: true, dynamicRange: true })).dynamicRange).toBe(true);
});

test('the file says how it is fed, in a sentence and as the model’s config', async () => {
  const { description, metadata } = await tfliteEncoding(people, { size });
  expect(description).toMatch(
    /^people-small: semantic-segmentation, .* image is RGB, \(pixel - mean\) \/ std/,
  );
  const said = JSON.parse(metadata!.atrous);
  const { labels, preprocess, postprocess } = people.config!;
  expect(said).toMatchObject({ labels, postprocess, weights: { source: people.source } });
  expect(said.preprocess).toEqual({ ...preprocess, size: { mode: 'fixed', ...size } });
});

test('a dynamic range is about kernels of 8 bits', () => {
  refuseDynamicRange({}, false);
  refuseDynamicRange({ int8: true, dynamicRange: true }, true);
  expect(() => refuseDynamicRange({ dynamicRange: true }, true)).toThrow('--dynamic-range: only for');
  expect(() => refuseDynamicRange({ int8: true, dynamicRange: true }, false)).toThrow(
    '-o FILE.tflite --int8',
  );
});

describe('the command', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atrous-tflite-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('writes a file', async () => {
    const flags = ['--size', '48x64', '--int8', '--output', 'labels'];
    const done = await runCommand(folder, 'export', 'people-small', '-o', 'people.tflite', ...flags);
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('→ people.tflite') });
    const file = await readFile(join(folder, 'people.tflite'));
    expect(file.toString('latin1', 4, 8)).toBe('TFL3');
    expect(file.length).toBeLessThan(5_000_000); // 3.9 million parameters in 8 bits
  });

  test.each([
    [['-o', 'x.tflite'], '--size 240x320'],
    [['-o', 'x.tflite', '--size', '48x64', '--half', '--int8'], 'mutually exclusive'],
    [['-o', 'x.tflite', '--size', '48x64', '--normalize'], '--normalize: only for an ONNX file'],
    [['-o', 'x.tflite', '--size', '48x64', '--fixed', '48x64'], 'are one option'],
    [['-o', 'x.safetensors', '--size', '48x64'], '--size: only for an ONNX or a TensorFlow Lite file'],
    [['-o', 'x.onnx', '--half'], '--half goes with safetensors and TensorFlow Lite files'],
  ])('refuses %j', async (args, message) => {
    const running = exportCommand().parseAsync(['people-small', ...args], { from: 'user' });
    await expect(running).rejects.toThrow(message);
  });
});
