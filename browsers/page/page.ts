import { type GoldenName, goldenImage, loadGolden, relativeError } from '@atrous/golden';
import { evaluate, type Runtime } from '@atrous/graph';
import { onnx } from '@atrous/runtime-onnx';
import { onnxWebGpu } from '@atrous/runtime-onnx/webgpu';
import { tfjs } from '@atrous/runtime-tfjs';
import { wasm } from '@atrous/runtime-wasm';
import { webgpu } from '@atrous/runtime-webgpu';
import { runtimeTable, Segmenter } from '@atrous/segmenter';
import { AtrousError } from '@atrous/tensor';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import asyncify from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import threadedOnnx from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { tinyModel } from '../../packages/zoo/src/test_model.ts';
import { type Held, holdGolden, parityError } from '../../packages/zoo/src/test_parity.ts';
import type { Engine, Suite } from './suite.ts';

const here = (url: string) => new URL(url, location.href).href;

const tfjsFiles = {
  'tfjs-backend-wasm.wasm': here(plain),
  'tfjs-backend-wasm-simd.wasm': here(simd),
  'tfjs-backend-wasm-threaded-simd.wasm': here(threaded),
};
const { runtimes } = runtimeTable([
  webgpu({ allowSoftware: true }),
  onnx({ wasm: here(threadedOnnx) }),
  { 'onnx:webgpu': async () => onnxWebGpu({ wasm: here(asyncify), allowSoftware: true }) },
  tfjs({ wasm: tfjsFiles }),
]);

const engines: Readonly<Record<Engine, () => Promise<Runtime>>> = {
  'relaxed SIMD, one thread': async () => wasm({ build: 'relaxed', threads: 1 }),
  'relaxed SIMD, two threads': async () => wasm({ build: 'relaxed', threads: 2 }),
  'SIMD128, one thread': async () => wasm({ build: 'simd', threads: 1 }),
  'SIMD128, two threads': async () => wasm({ build: 'simd', threads: 2 }),
  'onnx:wasm': () => runtimes['onnx:wasm']({ threads: 1 }),
  webgpu: () => runtimes.webgpu({}),
};

/** A golden's weights are filled, recognised and turned once for all engines. */
let last: { readonly name: GoldenName; readonly held: Promise<Held> } | undefined;

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const suite: Suite = {
  async isThreaded() {
    const session = await wasm({ threads: 2 }).load(tinyModel);
    await session.dispose();
    return session.threads === 2;
  },

  async isRelaxed() {
    try {
      const session = await wasm({ build: 'relaxed' }).load(tinyModel);
      await session.dispose();
      return true;
    } catch (error) {
      if (error instanceof AtrousError && error.code === 'unavailable') return false;
      throw error;
    }
  },

  hasGpu: async () => (await (await runtimes.webgpu({})).available()) === true,

  async parity(name, engine) {
    const golden = await loadGolden(name);
    if (last?.name !== name) last = { name, held: holdGolden(golden) };
    return parityError(golden, await engines[engine](), await last.held);
  },

  async labels(model, picture, engine, compute) {
    const runtime = await engines[engine]();
    const segmenter = await Segmenter.load(here(model), { runtime, compute });
    const { labels } = await segmenter.segment(await (await fetch(here(picture))).blob());
    await segmenter.dispose();
    return `${labels.width}×${labels.height} ${await sha256(Uint8Array.from(labels.data))}`;
  },

  runtimes: () => Object.keys(runtimes),

  async narrow(name) {
    const runtime = await runtimes[name]({});
    const available = await runtime.available();
    if (available !== true) return available;
    const feeds = { image: goldenImage([1, 33, 49, 3]) };
    const session = await runtime.load(tinyModel);
    const [actual, expected] = [await session.run(feeds), await evaluate(tinyModel, feeds)];
    await session.dispose();
    return relativeError(actual.logits, expected.logits);
  },
};
Object.assign(globalThis, { suite });
