import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { evaluate } from '@atrous/graph';
import { floatsOf, tensor } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { loadModel } from './node.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/tiny/${name}`, import.meta.url));

/** What Keras answers on `picture`. */
const expected: readonly number[] = JSON.parse(readFileSync(fixture('logits.json'), 'utf8'));
const picture = tensor(
  'float32',
  [1, 64, 64, 1],
  Float32Array.from({ length: 64 * 64 }, (_, i) => (i % 97) / 48.5 - 1),
);

test.each([
  ['safetensors', 'tiny.safetensors', 'atrous'],
  ['PyTorch', 'tiny.pth', 'atrous'],
  ['PyTorch, legacy', 'tiny_legacy.pth', 'atrous'],
  ['Keras, whole model', 'tiny.h5', 'oarriaga'],
  ['Keras, weights', 'tiny.weights.h5', 'oarriaga'],
  ['Keras, archive', 'tiny.keras', 'oarriaga'],
  ['TensorFlow, checkpoint', 'checkpoint/tiny.index', 'atrous'],
  ['TensorFlow, frozen graph', 'tiny.pb', 'atrous'],
  ['TensorFlow.js', 'tfjs/model.json', 'atrous'],
  ['ONNX', 'tiny.onnx', 'atrous'],
])('%s: the same weights, the same logits', async (_format, file, source) => {
  const model = await loadModel(fixture(file));
  expect(model).toMatchObject({ source, ignored: [] });
  expect(model.architecture.encoder.variant).toBe('tiny-xception');
  const { logits } = await evaluate(model, { image: picture });
  const largest = Math.max(...expected.map(Math.abs));
  floatsOf(logits).forEach((logit, id) => {
    expect(Math.abs(logit - expected[id]) / largest).toBeLessThan(1e-6);
  });
});
