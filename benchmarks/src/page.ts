import type { Contenders, Request } from './contender.ts';
import type { LoadFile } from './contenders/atrous.ts';
import { type CpuClock, compare, type Effort, type First, first, type Measured } from './measure.ts';

const here = (url: string) => new URL(url, location.href).href;

/** One download for all who read the same file: browsers keep few Blobs of this size. */
function once(load: LoadFile): LoadFile {
  return (file, options) => {
    const loading = downloads.get(file) ?? load(file, options);
    downloads.set(file, loading);
    return loading;
  };
}
const downloads = new Map<string, ReturnType<LoadFile>>();

const ours = (build: 'relaxed' | 'simd', compute: 'float32' | 'int8') => async () => {
  const [{ atrous }, { loadModel }, { wasm }] = await Promise.all([
    import('./contenders/atrous.ts'),
    import('@atrous/zoo'),
    import('@atrous/runtime-wasm'),
  ]);
  return atrous(once(loadModel), wasm, { build, compute });
};
const litert = (file: string) => async () => {
  const contender = await import('./contenders/litert.ts');
  return contender.litert(file, here('/litert/'));
};

const contenders: Contenders = {
  'atrous relaxed': ours('relaxed', 'float32'),
  'atrous simd': ours('simd', 'float32'),
  'atrous int8': ours('relaxed', 'int8'),
  'LiteRT.js': litert('float32.tflite'),
  'LiteRT.js int8': litert('int8.tflite'),
  'onnxruntime-web': async () => {
    const [{ onnx }, ort, { default: wasm }] = await Promise.all([
      import('./contenders/onnx.ts'),
      import('onnxruntime-web/wasm'),
      import('onnxruntime-web/ort-wasm-simd-threaded.wasm?url'),
    ]);
    return onnx(ort, 'folded.onnx', 'wasm', here(wasm));
  },
  'TensorFlow.js': async () => {
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
    sums[/\.(onnx|safetensors|tflite)$/.test(name) ? 'weights' : 'runtime'] += encodedBodySize;
  }
  return sums;
}

/** The heads of packed weights that are whole. */
async function packedHeads(): Promise<string[]> {
  const root = await navigator.storage.getDirectory();
  const { packedFolder } = await import('@atrous/graph');
  const folder = await root.getDirectoryHandle(packedFolder, { create: true });
  const heads: string[] = [];
  for await (const entry of folder.values()) {
    const file = await (entry as FileSystemFileHandle).getFile();
    const head = file.slice(0, 16).text();
    heads.push(await head.catch(() => '')); // it was written to meanwhile
  }
  return heads.filter((head) => head.startsWith('{'));
}

/** Milliseconds from a model's folder to a segmenter that is ready, one thread; what is packed is kept and waited for, or is not. */
async function load(folder: string, isPacked: boolean): Promise<number> {
  const [{ Segmenter }, { wasm }] = await Promise.all([
    import('@atrous/segmenter'),
    import('@atrous/runtime-wasm'),
  ]);
  const engine = wasm({ threads: 1 });
  const runtime = isPacked
    ? engine
    : {
        ...engine,
        load: (...[model, options]: Parameters<typeof engine.load>) =>
          engine.load(model, { ...options, keepPacked: false }),
      };
  const began = performance.now();
  const segmenter = await Segmenter.load(here(folder), { runtime, ...(!isPacked && { verify: 'load' }) });
  const time = performance.now() - began;
  while (isPacked && (await packedHeads()).length === 0) await new Promise((done) => setTimeout(done, 50));
  await segmenter.dispose();
  return time;
}

export interface Bench {
  readonly contenders: string[];
  compare(names: readonly string[], request: Request, effort: Effort): Promise<Measured[]>;
  first(name: string, request: Request): Promise<First & { transferred: ReturnType<typeof transferred> }>;
  load(folder: string, isPacked: boolean): Promise<number>;
}

const bench: Bench = {
  contenders: Object.keys(contenders),
  compare: (names, request, effort) =>
    // The page's own clock of processors: whoever drives it provides one.
    compare(contenders, names, request, effort, (globalThis as unknown as { cpuClock: CpuClock }).cpuClock),
  async first(name, request) {
    const times = await first(contenders, name, request);
    return { ...times, transferred: transferred() };
  },
  load,
};
Object.assign(globalThis, { bench });
