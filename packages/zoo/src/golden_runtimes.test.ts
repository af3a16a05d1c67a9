import { type Golden, goldenNames, loadGolden } from '@atrous/golden';
import type { Runtime } from '@atrous/graph';
import { onnxNative } from '@atrous/runtime-onnx/native';
import { onnxWasm } from '@atrous/runtime-onnx/wasm';
import { tfjsWasm } from '@atrous/runtime-tfjs/wasm';
import { wasm } from '@atrous/runtime-wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Held, holdGolden, oneOfEach, parityError } from './test_parity.ts';

/** For every network. */
const runtimes: readonly (readonly [name: string, runtime: Runtime])[] = [
  ['onnx:native', onnxNative()],
  ['wasm, relaxed SIMD', wasm({ build: 'relaxed' })],
];
/**
 * For a network of each kind: others' kernels, and ours as they are compiled for older engines and as V8 pairs their operations. Not for VGG,
 * whose 138 million parameters are read anew by each, and whose layers are ResNet's. `scripts/parity.ts` has all for all.
 */
const others: typeof runtimes = [
  ['onnx:wasm', onnxWasm()],
  ['tfjs:wasm', tfjsWasm()],
  ['wasm, SIMD128', wasm({ build: 'simd' })],
  ...(Number.parseInt(process.versions.node, 10) < 24
    ? []
    : ([['wasm, revectorized', wasm({ revectorize: true, float32Form: 'wide' })]] as const)),
];

// Weights are filled, recognised and turned once for all runtimes. scripts/parity.ts prints the numbers.
describe.each(goldenNames)('%s', (name) => {
  let golden: Golden | undefined;
  let held: Held | undefined;
  beforeAll(async () => {
    golden = await loadGolden(name);
    held = await holdGolden(golden);
  }, 120_000);
  afterAll(() => {
    held = undefined;
  });

  const isOfOthers = oneOfEach.includes(name) && name !== 'timm-vgg16-64x96';
  test.each(isOfOthers ? [...runtimes, ...others] : runtimes)('on %s', async (_name, runtime) => {
    expect(await parityError(golden!, runtime, held)).toBeLessThan(1e-5);
  });
});
