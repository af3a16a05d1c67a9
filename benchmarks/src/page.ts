import { goldenImage, relativeError } from '@atrous/golden';
import { onnxWasm } from '@atrous/runtime-onnx/wasm';
import { type Build, type WasmSession, wasm } from '@atrous/runtime-wasm';
import type { Session, Tensor } from '@atrous/tensor';
import { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import tfjsPlain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import tfjsSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import tfjsThreaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import ortWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { modelOf, networks } from './networks.ts';
import { tfjsSession } from './tfjs.ts';

const here = (url: string) => new URL(url, location.href).href;

const contenders: Record<string, (name: string, threads: number) => Promise<Session>> = {
  ...Object.fromEntries(
    (['relaxed', 'simd'] as Build[]).map((build) => [
      `atrous ${build}`,
      async (name: string, threads: number) => {
        const session = await wasm({ build, threads }).load(modelOf(name));
        if (session.threads !== threads)
          throw new Error(`atrous: ${session.threads} threads instead of ${threads}`);
        return session;
      },
    ]),
  ),
  'onnxruntime-web': (name, threads) => onnxWasm({ wasm: here(ortWasm), threads }).load(modelOf(name)),
  'tfjs-wasm': async (name, threads) => {
    setWasmPaths({
      'tfjs-backend-wasm.wasm': here(tfjsPlain),
      'tfjs-backend-wasm-simd.wasm': here(tfjsSimd),
      'tfjs-backend-wasm-threaded-simd.wasm': here(tfjsThreaded),
    });
    setThreadsCount(threads);
    await tf.setBackend('wasm');
    if (getThreadsCount() !== threads)
      throw new Error(`tfjs: ${getThreadsCount()} threads instead of ${threads}`);
    return tfjsSession(modelOf(name));
  },
};

const pause = () => new Promise((resolve) => setTimeout(resolve, 250)); // pools of others spin for a while

export interface Measured {
  /** Who could not be measured, and why. */
  readonly left: Record<string, string>;
  readonly milliseconds: Record<string, number[]>;
  /** Of the first contender. */
  readonly error: Record<string, number>;
  /** Billions of operations per second of loops in registers, per thread, at the beginning and at the end. */
  readonly peaks: Record<string, number[][]>;
}

/** All contenders in turn, round after round: two to warm up, then `rounds`. */
async function compare(name: string, threads: number, rounds: number, names: string[]): Promise<Measured> {
  const feeds = { image: goldenImage(networks[name].shape) };
  const sessions: [string, Session][] = [];
  const left: Record<string, string> = {};
  for (const contender of names) {
    try {
      sessions.push([contender, await contenders[contender](name, threads)]);
    } catch (reason) {
      left[contender] = String(reason);
    }
  }
  const milliseconds: Record<string, number[]> = {};
  const error: Record<string, number> = {};
  const peaks: Record<string, number[][]> = {};
  const measurePeaks = async () => {
    for (const [contender, session] of sessions) {
      if ('peak' in session)
        peaks[contender] = [...(peaks[contender] ?? []), [...(await (session as WasmSession).peak())]];
    }
  };
  await measurePeaks();
  let first: Tensor | undefined;
  for (let round = 0; round < rounds + 2; round++) {
    for (const [contender, session] of sessions) {
      await pause();
      const began = performance.now();
      const { logits } = await session.run(feeds);
      const elapsed = performance.now() - began;
      if (round >= 2) milliseconds[contender] = [...(milliseconds[contender] ?? []), elapsed];
      first ??= logits;
      error[contender] = relativeError(logits, first);
    }
  }
  await measurePeaks();
  for (const [, session] of sessions) await session.dispose();
  return { milliseconds, error, peaks, left };
}

/** Load and first run of one contender in a page that has done nothing else. */
async function first(
  name: string,
  threads: number,
  contender: string,
): Promise<{ load: number; run: number }> {
  const feeds = { image: goldenImage(networks[name].shape) };
  const began = performance.now();
  const session = await contenders[contender](name, threads);
  const loaded = performance.now();
  await session.run(feeds);
  return { load: loaded - began, run: performance.now() - loaded };
}

Object.assign(globalThis, { bench: { compare, first, contenders: Object.keys(contenders) } });
