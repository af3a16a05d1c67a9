import { fileURLToPath } from 'node:url';
import type { OnnxDescription } from '@atrous/runtime-onnx';
import { loadModel } from '@atrous/zoo';
import { expect, test } from 'vitest';
import { logitsResize, onnxEncoding, refuseOnnxFlags } from './onnx_export.ts';
import { version } from './version.ts';

const people = await loadModel(fileURLToPath(new URL('../../../packages/model-people/', import.meta.url)));
const config = people.config!;

test('a model folder says all of its config, and which weights file it is', async () => {
  const { description, layout, normalize, shapes } = await onnxEncoding(people, {});
  expect(description).toMatchObject({
    name: 'people',
    task: config.task,
    preprocess: config.preprocess,
    postprocess: { resize: 'half-pixel' },
    labels: config.labels,
    ignoreId: 255,
    licence: config.licence,
    data: config.data,
    version,
  } satisfies OnnxDescription);
  const half = config.weights.files.find(({ dtype }) => dtype === 'float16')!;
  expect(description!.weights).toEqual({ source: people.source, file: half.file, sha256: half.sha256 });
  expect([layout, normalize, shapes]).toEqual(['NHWC', undefined, undefined]);
});

test('flags become options', async () => {
  const flags = { size: { height: 288, width: 384 }, layout: 'nchw', normalize: true } as const;
  expect(await onnxEncoding(people, flags)).toMatchObject({
    shapes: { image: [1, 288, 384, 3] },
    layout: 'NCHW',
    normalize: true,
  });
});

test('a bare checkpoint says what its source’s conventions tell', async () => {
  const { config: _, ...bare } = people;
  const { architecture } = bare;
  const encoding = await onnxEncoding(bare, { normalize: true });
  expect(encoding.normalize).toBe(true);
  expect(encoding.description).toMatchObject({
    name: 'deeplabv3plus-xception-middle',
    architecture,
    preprocess: { size: { mode: 'longest-side', pixels: 512, multipleOf: 16 }, ...bare.pixels },
    postprocess: { resize: architecture.resize },
    weights: { source: people.source },
    version,
  });
  const conventional = { ...bare, architecture: { ...architecture, resize: undefined } };
  expect(logitsResize(conventional)).toBe('align-corners');
  const classifier = { ...bare, architecture: { ...architecture, head: 'classifier' as const } };
  expect((await onnxEncoding(classifier, {})).description).not.toHaveProperty('postprocess');
});

test('flags of ONNX files are refused for others', () => {
  refuseOnnxFlags({});
  const size = { height: 1, width: 1 };
  expect(() => refuseOnnxFlags({ layout: 'nhwc', normalize: true })).toThrow(
    '--layout, --normalize: only for an ONNX file',
  );
  expect(() => refuseOnnxFlags({ size })).toThrow('--size: only for an ONNX or a TensorFlow Lite file');
  refuseOnnxFlags({ size }, true);
  expect(() => refuseOnnxFlags({ size, normalize: true }, true)).toThrow(
    '--normalize: only for an ONNX file',
  );
});
