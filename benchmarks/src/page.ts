import type { Contenders, Request } from './contender.ts';
import { compare, type First, first, type Measured } from './measure.ts';
import type { checkpointOptions } from './networks.ts';

const here = (url: string) => new URL(url, location.href).href;

/** One download for all who read the same file: browsers keep few Blobs of this size. */
function once<T>(load: (file: string, options: ReturnType<typeof checkpointOptions>) => Promise<T>) {
  return (file: string, options: ReturnType<typeof checkpointOptions>): Promise<T> => {
    const loading = (downloads.get(file) as Promise<T> | undefined) ?? load(file, options);
    downloads.set(file, loading);
    return loading;
  };
}
const downloads = new Map<string, Promise<unknown>>();

const ours = (build: 'relaxed' | 'simd') => async () => {
  const [{ atrous }, { loadModel }, { wasm }] = await Promise.all([
    import('./contenders/atrous.ts'),
    import('@atrous/zoo'),
    import('@atrous/runtime-wasm'),
  ]);
  return atrous(once(loadModel), (threads) => wasm({ build, threads }));
};
const onnxruntime = (file: string) => async () => {
  const [{ onnx }, ort, { default: wasm }] = await Promise.all([
    import('./contenders/onnx.ts'),
    import('onnxruntime-web/wasm'),
    import('onnxruntime-web/ort-wasm-simd-threaded.wasm?url'),
  ]);
  return onnx(ort, file, 'wasm', here(wasm));
};

const contenders: Contenders = {
  'atrous relaxed': ours('relaxed'),
  'atrous simd': ours('simd'),
  'onnxruntime-web, unfolded': onnxruntime('unfolded.onnx'),
  'onnxruntime-web, folded': onnxruntime('folded.onnx'),
  'tfjs-wasm': async () => {
    const [{ tfjs }, { loadModel }, { tfjsWasm }] = await Promise.all([
      import('./contenders/tfjs.ts'),
      import('@atrous/zoo'),
      import('./contenders/tfjs_files.ts'),
    ]);
    return tfjs(once(loadModel), tfjsWasm);
  },
};

/** Bytes of scripts and binaries that have come so far; weights are counted apart. */
function transferred(): { runtime: number; weights: number } {
  const sums = { runtime: 0, weights: 0 };
  for (const { name, encodedBodySize } of performance.getEntriesByType(
    'resource',
  ) as PerformanceResourceTiming[]) {
    sums[/\.(onnx|safetensors)$/.test(name) ? 'weights' : 'runtime'] += encodedBodySize;
  }
  return sums;
}

export interface Bench {
  readonly contenders: string[];
  compare(request: Request, rounds: number): Promise<Measured[]>;
  first(name: string, request: Request): Promise<First & { transferred: ReturnType<typeof transferred> }>;
}

const bench: Bench = {
  contenders: Object.keys(contenders),
  compare: (request, rounds) => compare(contenders, Object.keys(contenders), request, rounds),
  async first(name, request) {
    const times = await first(contenders, name, request);
    return { ...times, transferred: transferred() };
  },
};
Object.assign(globalThis, { bench });
