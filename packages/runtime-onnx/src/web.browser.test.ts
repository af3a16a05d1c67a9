import { goldenImage, relativeError } from '@atrous/golden';
import { evaluate } from '@atrous/graph';
import asyncifyUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { describe, expect, test } from 'vitest';
import { pieces } from './test_models.ts';
import { onnxWasm } from './wasm.ts';
import { onnxWebGpu } from './webgpu.ts';

const here = (url: string) => new URL(url, location.href);

test('auto never takes the software adapter: it says that it is one', async () => {
  expect(await onnxWebGpu().available()).toMatchObject({ reason: expect.stringContaining('software') });
  await expect(onnxWebGpu().load(pieces.classifier)).rejects.toMatchObject({ code: 'unavailable' });
});

describe.each([
  onnxWasm({ wasm: here(wasmUrl) }),
  onnxWebGpu({ wasm: here(asyncifyUrl), allowSoftware: true }),
])('$name', (runtime) => {
  test.each(Object.entries(pieces))('%s', async (_name, model) => {
    const session = await runtime.load(model);
    for (const size of [9, 16]) {
      const feeds = { image: goldenImage([1, size, size + 3, 3]) };
      const [actual, expected] = [await session.run(feeds), await evaluate(model, feeds)];
      expect(relativeError(actual.y, expected.y)).toBeLessThan(1e-4);
    }
    await session.dispose();
  });
});
