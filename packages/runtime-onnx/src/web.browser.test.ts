import { conformance, geometries, jointConformance } from '@atrous/conformance';
import asyncifyUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { expect, test } from 'vitest';
import { onnxWasm } from './wasm.ts';
import { onnxWebGpu } from './webgpu.ts';

const here = (url: string) => new URL(url, location.href);

test('auto never takes the software adapter: it says that it is one', async () => {
  expect(await onnxWebGpu().available()).toMatchObject({ reason: expect.stringContaining('software') });
  await expect(onnxWebGpu().load(geometries.get('add')!)).rejects.toMatchObject({ code: 'unavailable' });
});

conformance(onnxWasm({ wasm: here(wasmUrl) }));
jointConformance(onnxWebGpu({ wasm: here(asyncifyUrl), allowSoftware: true }), [1, 9, 12]);
