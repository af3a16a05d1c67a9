import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { expect, test } from 'vitest';
import type { TfjsRuntime } from '../runtime.ts';
import { tfjsWasm } from '../wasm.ts';
import { tfjsWebGl } from '../webgl.ts';
import { finetune } from './finetune.ts';
import { example, tiny } from './test_example.ts';

const here = (url: string) => new URL(url, location.href).href;
const wasm = tfjsWasm({
  wasm: {
    'tfjs-backend-wasm.wasm': here(plain),
    'tfjs-backend-wasm-simd.wasm': here(simd),
    'tfjs-backend-wasm-threaded-simd.wasm': here(threaded),
  },
});

const options = {
  classes: 2,
  examples: [8, 12, 20, 26].map((line) => example(`${line}.png`, line)),
  heldOut: [example('held-out.png', 16)],
  batchSize: 2,
  learningRate: 1e-2,
};

test('a page teaches a network two classes', async () => {
  const { tf } = await wasm.tf();
  const before = tf.memory().numTensors;
  const { steps, scores } = await finetune(tiny, { ...options, runtime: wasm, epochs: 25 });
  expect(steps.at(-1)!.loss).toBeLessThan(steps[0].loss / 2);
  expect(scores?.miou).toBeGreaterThan(0.7);
  expect(tf.memory().numTensors).toBe(before);
});

test('WebGL learns as WASM does', async () => {
  const losses = async (runtime: TfjsRuntime) =>
    (await finetune(tiny, { ...options, runtime, epochs: 6 })).steps.map(({ loss }) => loss);
  const expected = await losses(wasm);
  const actual = await losses(tfjsWebGl());
  for (const [i, loss] of actual.entries()) expect(loss, `step ${i + 1}`).toBeCloseTo(expected[i], 2);
  expect(actual.at(-1)).toBeLessThan(actual[0]);
});
