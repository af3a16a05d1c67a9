import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import { cost, type LoadOptions, type Model, type Runtime, weightsFrom } from '@atrous/graph';
import { onnxWebGpu } from '@atrous/runtime-onnx/webgpu';
import { tfjsWebGpu } from '@atrous/runtime-tfjs/webgpu';
import { type WebGpuSession, webgpuRuntime } from '@atrous/runtime-webgpu/runtime';
import type { Tensor } from '@atrous/tensor';
import { xceptionFamily } from '@atrous/xception';
import { loadModel, network } from '@atrous/zoo';
import asyncify from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import type { GpuContender, GpuRunning } from './gpu_contender.ts';
import { measurePeak } from './webgpu_peak.ts';

/** One runtime on one network. */
export interface GpuResult {
  readonly runtime: string;
  /** From a model in memory to a session, and its first run: kernels are compiled in one of them. */
  readonly load: number;
  readonly first: number;
  /** Milliseconds of all others. */
  readonly runs: readonly number[];
  /** In one run. */
  readonly dispatches: number;
  /** Compute pipelines that were compiled. */
  readonly pipelines: number;
  /** All buffers that are held after a run, and what our own dispatches read and write in one, weights too: megabytes. */
  readonly held: number;
  readonly moved?: number;
  /** From the first runtime's output, relative to its largest value. */
  readonly difference: number;
}

export interface GpuNetwork {
  readonly name: string;
  readonly multiplyAdds: number;
  readonly results: readonly GpuResult[];
}

/** What the page answers, one network at a time: on a software adapter each takes minutes. */
export interface GpuBench {
  begin(): Promise<{
    readonly adapter: string;
    /** What a loop in registers reaches, multiply-adds per second. */
    readonly peak: number;
    readonly networks: readonly string[];
  }>;
  /** @param among the names of runtimes that are measured */
  measure(network: string, rounds: number, among: readonly string[]): Promise<GpuNetwork>;
  readonly runtimes: readonly string[];
}

const counts = { dispatches: 0, pipelines: 0, bytes: 0 };

/** Counts what everybody in this page asks of the GPU. */
function count(): void {
  const pass = GPUComputePassEncoder.prototype;
  const device = GPUDevice.prototype;
  const { dispatchWorkgroups, dispatchWorkgroupsIndirect } = pass;
  pass.dispatchWorkgroups = function (...given) {
    counts.dispatches++;
    return dispatchWorkgroups.apply(this, given);
  };
  pass.dispatchWorkgroupsIndirect = function (...given) {
    counts.dispatches++;
    return dispatchWorkgroupsIndirect.apply(this, given);
  };
  const { createBuffer } = device;
  const sizes = new WeakMap<GPUBuffer, number>();
  device.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    sizes.set(buffer, buffer.size);
    counts.bytes += buffer.size;
    return buffer;
  };
  const { destroy } = GPUBuffer.prototype;
  GPUBuffer.prototype.destroy = function () {
    counts.bytes -= sizes.get(this) ?? 0;
    sizes.delete(this);
    return destroy.call(this);
  };
  const { createComputePipeline, createComputePipelineAsync } = device;
  device.createComputePipeline = function (...given) {
    counts.pipelines++;
    return createComputePipeline.apply(this, given);
  };
  device.createComputePipelineAsync = function (...given) {
    counts.pipelines++;
    return createComputePipelineAsync.apply(this, given);
  };
}

const contender = (runtime: Runtime, name = runtime.name, options: LoadOptions = {}): GpuContender => ({
  name,
  prepare: async (model, shape) => async () => {
    const session = await runtime.load(model, options);
    const [input] = Object.keys(model.graph.inputs);
    return {
      run: async (image) => Object.values(await session.run({ [input]: image }))[0],
      dispose: () => session.dispose(),
      ...('plan' in session && { moved: movedBy(session as WebGpuSession, { [input]: shape }) }),
    };
  },
});

/** Megabytes, as the plan says. */
const movedBy = (session: WebGpuSession, shapes: Readonly<Record<string, readonly number[]>>): number =>
  Number(/moving (\d+(\.\d+)?) MB/.exec(session.plan(shapes))?.[1]);

const own = webgpuRuntime({ allowSoftware: true });
const contenders: readonly GpuContender[] = [
  contender(own),
  contender(own, 'webgpu float16', { compute: 'float16' }),
  contender(own, 'webgpu int8', { compute: 'int8' }),
  contender(onnxWebGpu({ wasm: new URL(asyncify, location.href), allowSoftware: true })),
  contender(tfjsWebGpu()),
  {
    name: 'LiteRT.js webgpu',
    async prepare(model, shape) {
      const { litertWebGpu } = await import('./contenders/litert_webgpu.ts');
      return litertWebGpu(model, shape, new URL('/node_modules/@litertjs/core/wasm/', location.href).href);
    },
  },
];

const networks: readonly (readonly [name: string, shape: readonly number[], load: () => Promise<Model>])[] = [
  ...(['people-small', 'people', 'street'] as const).map(
    (name) =>
      [
        `${name}, 120×160`,
        [1, 120, 160, 3],
        () => loadModel(new URL(`/model-${name}/`, location.href)),
      ] as const,
  ),
  [
    'DeepLabV3+ Xception-65, 129×129',
    [1, 129, 129, 3],
    async () => filledModel(network(xceptionFamily, 'deeplabv3plus-xception65')),
  ],
];

/** A model whose weights lie in memory: how long it takes to make them is not what is measured. */
async function inMemory({ graph, weights }: Model): Promise<Model> {
  const tensors: Record<string, Tensor> = {};
  for (const name of weights.names) tensors[name] = await weights.read(name);
  return { graph, weights: weightsFrom(tensors) };
}

/** Runtimes on a network: each loads and runs once, then all in turn. */
async function compare(
  model: Model,
  shape: readonly number[],
  rounds: number,
  among: readonly string[],
): Promise<GpuResult[]> {
  const image = goldenImage(shape);
  const results: GpuResult[] = [];
  const running: (GpuRunning & { times: number[]; dispatches: number })[] = [];
  let right: Tensor | undefined;
  for (const { name, prepare } of contenders.filter(({ name }) => among.includes(name))) {
    const open = await prepare(model, shape);
    const { pipelines, bytes } = counts;
    const begin = performance.now();
    const one = await open();
    const loaded = performance.now();
    const output = await one.run(image);
    const first = performance.now() - loaded;
    right ??= output;
    running.push({ ...one, times: [], dispatches: 0 });
    results.push({
      runtime: name,
      load: loaded - begin,
      first,
      runs: [],
      dispatches: 0,
      pipelines: counts.pipelines - pipelines,
      held: (counts.bytes - bytes) / 2 ** 20,
      moved: one.moved,
      difference: relativeError(output, right),
    });
  }
  for (let round = 0; round < rounds; round++) {
    for (const each of running) {
      const before = counts.dispatches;
      const begin = performance.now();
      await each.run(image);
      each.times.push(performance.now() - begin);
      each.dispatches = counts.dispatches - before;
    }
  }
  for (const { dispose } of running) await dispose();
  return results.map((result, i) => ({
    ...result,
    runs: running[i].times,
    dispatches: running[i].dispatches,
  }));
}

const bench: GpuBench = {
  runtimes: contenders.map(({ name }) => name),
  async begin() {
    const peak = await measurePeak();
    count();
    const info = (await navigator.gpu.requestAdapter())?.info;
    return {
      adapter: info?.description || info?.architecture || 'unknown',
      peak,
      networks: networks.map(([name]) => name),
    };
  },
  async measure(network, rounds, among) {
    const [name, shape, load] = networks.find(([name]) => name === network)!;
    const model = await inMemory(await load());
    const [input] = Object.keys(model.graph.inputs);
    const { multiplyAdds } = cost(model.graph, { [input]: shape });
    return { name, multiplyAdds, results: await compare(model, shape, rounds, among) };
  },
};

Object.assign(globalThis, { bench });
