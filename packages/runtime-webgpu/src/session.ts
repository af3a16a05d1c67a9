import {
  type FoldedModel,
  foldBatchNorm,
  type Graph,
  inferGraph,
  type LoadOptions,
  type Model,
  selectOutputs,
} from '@atrous/graph';
import type { LabelMapOptions, LabelMapper, LabelMapResult } from '@atrous/mask';
import type { FrameDrawer } from '@atrous/mask/looks';
import {
  AtrousError,
  checkFeeds,
  type DeviceSession,
  type DeviceTensor,
  type Feeds,
  type RunOptions,
  type Tensor,
} from '@atrous/tensor';
import { oneByOne } from '@atrous/tensor/turns';
import { type Buffers, createBuffers } from './buffers.ts';
import type { Acquire } from './device.ts';
import { bufferOn, deviceTensor, packValue, readBack } from './device_tensor.ts';
import type { Host } from './host.ts';
import { labelMapOn } from './labels.ts';
import { describePlan } from './plan/describe.ts';
import { computesOf, lower } from './plan/lower.ts';
import { makePlan, type Plan, type Slot } from './plan/plan.ts';
import { deviceBytes } from './plan/sizes.ts';
import type { Lowered } from './plan/step.ts';
import {
  compileAll,
  createMemory,
  createProgram,
  isLoss,
  type Memory,
  type Program,
  runProgram,
} from './program.ts';
import type { Drawer } from './render/drawer.ts';
import type { Preparation } from './render/prepare.ts';
import { packWeights } from './weights.ts';

/** A session whose values may stay on the GPU. */
export interface WebGpuSession extends DeviceSession, LabelMapper {
  labelMap(logits: Tensor | DeviceTensor, options: LabelMapOptions): Promise<LabelMapResult>;
  /** Bytes of its buffers on the device: weights, values of the largest picture so far, plans. */
  readonly memory: number;
  /** What is done for feeds of these shapes, in words: each dispatch, its kernel, its multiply-adds. */
  plan(shapes: Readonly<Record<string, readonly number[]>>): string;
}

/** Plans that are kept: what a camera, a window and a few pictures need. */
const keptPlans = 8;

/** A network on one device: what is made again when that is lost. */
interface Loaded {
  readonly host: Host;
  readonly buffers: Buffers;
  readonly memory: Memory;
  /** What draws frames, once one was to be drawn. */
  drawer?: Drawer;
  readonly lowered: Lowered;
  programFor(shapes: Readonly<Record<string, readonly number[]>>): Promise<Program>;
}

/** Uploads a model's weights, one node at a time, and compiles its kernels meanwhile. @param onLost told of a host that is lost, before another is asked for */
export async function loadSession(
  model: Model,
  acquire: Acquire,
  options: LoadOptions = {},
  onLost: (host: Host) => void = () => {},
): Promise<WebGpuSession & FrameDrawer> {
  options.signal?.throwIfAborted();
  const folded = foldBatchNorm({
    graph: selectOutputs(model.graph, options.outputs),
    weights: model.weights,
  });
  const open = async (given: LoadOptions) => {
    const host = await acquire();
    try {
      return await load(folded, host, given);
    } catch (error) {
      if (isLoss(error)) onLost(host);
      throw error;
    }
  };
  const loaded = await open(options).catch((error) => {
    if (!isLoss(error)) throw error;
    return open(options); // a device that went away in the middle of it: once more
  });
  return wrap(folded.graph, loaded, ({ host }) => {
    onLost(host);
    return open({ compute: options.compute });
  });
}

async function load(
  model: FoldedModel,
  host: Host,
  { compute = 'float32', signal, onCompile }: LoadOptions,
): Promise<Loaded> {
  const lowered = lower(model.graph, host, compute);
  const buffers = createBuffers(host.device, host.total);
  const compiling = compileAll(
    host,
    lowered.steps.map(({ kernel }) => kernel),
    onCompile,
  );
  compiling.catch(() => {}); // it is waited for below
  try {
    const weights = new Map<string, GPUBuffer>();
    for await (const { name, data } of packWeights(model, computesOf(model.graph, compute), host.mostBytes)) {
      signal?.throwIfAborted();
      const buffer = await host.checked('weights', () => {
        const made = buffers.create(data.byteLength, 'storage', `the weights of "${name}"`);
        host.device.queue.writeBuffer(made, 0, data);
        return made;
      });
      weights.set(name, buffer);
    }
    const pipelines = await compiling;
    signal?.throwIfAborted();
    const memory = createMemory(host, buffers, weights);
    const programs = new Map<string, Program>();
    const make = async (plan: Plan): Promise<Program> => {
      await memory.reserve(plan.slots);
      return createProgram(host, buffers, memory, plan, pipelines);
    };
    const programFor = async (shapes: Readonly<Record<string, readonly number[]>>): Promise<Program> => {
      const key = JSON.stringify(shapes);
      const known = programs.get(key);
      if (known) programs.delete(key); // to the end: the oldest goes first
      const program = known ?? (await make(makePlan(lowered, shapes)));
      programs.set(key, program);
      const [oldest] = programs.keys();
      if (programs.size > keptPlans && oldest !== undefined) {
        programs.get(oldest)?.dispose();
        programs.delete(oldest);
      }
      return program;
    };
    return { host, buffers, memory, lowered, programFor };
  } catch (error) {
    buffers.freeAll();
    throw error;
  }
}

function wrap(
  graph: Graph,
  first: Loaded,
  reload: (lost: Loaded) => Promise<Loaded>,
): WebGpuSession & FrameDrawer {
  const ports = inferGraph(graph);
  let loaded = first;
  const queue = oneByOne();
  let isDisposed = false;
  const letGo = ({ buffers, drawer }: Loaded) => {
    drawer?.dispose();
    buffers.freeAll();
  };
  const expectAlive = () => {
    if (isDisposed) throw new AtrousError('disposed', 'this session was disposed: load the model again');
  };

  /** One thing after the other; what a lost device interrupts begins once more, on a new one. */
  const inTurn = <T>(task: (loaded: Loaded) => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const attempt = async (): Promise<T> => {
      expectAlive();
      signal?.throwIfAborted();
      if (loaded.host.lost !== undefined) {
        letGo(loaded);
        loaded = await reload(loaded);
      }
      return task(loaded);
    };
    const twice = () =>
      attempt().catch((error) => {
        if (!isLoss(error) || isDisposed) throw error;
        return attempt();
      });
    return queue(twice, signal);
  };

  /** Runs the network: where its outputs lie until the next run. */
  const compute = async (
    { host, memory, programFor }: Loaded,
    feeds: Feeds | Readonly<Record<string, Preparation>>,
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, Slot>>> => {
    const specs = Object.entries(feeds).map(
      ([name, feed]) => [name, ('spec' in feed ? feed.spec : feed).shape] as const,
    );
    const program = await programFor(Object.fromEntries(specs));
    const { plan } = program;
    await memory.reserve(plan.slots);
    await program.bind();
    for (const [name, feed] of Object.entries(feeds)) {
      const target = memory.slots[plan.feeds[name].slot];
      const isMade = 'encode' in feed;
      const source = !isMade && 'spec' in feed ? bufferOn(host, feed) : undefined;
      const numbers = isMade || source ? undefined : packValue('spec' in feed ? await feed.read() : feed);
      await host.checked('a feed', () => {
        if (numbers) return host.device.queue.writeBuffer(target, 0, numbers);
        const encoder = host.device.createCommandEncoder();
        if (isMade) feed.encode(encoder, target);
        else encoder.copyBufferToBuffer(source!, 0, target, 0, deviceBytes(plan.feeds[name].spec));
        host.device.queue.submit([encoder.finish()]);
      });
    }
    await runProgram(host, program, () => {
      signal?.throwIfAborted();
      expectAlive();
    });
    return plan.outputs;
  };

  return {
    inputs: graph.inputs,
    outputs: Object.fromEntries(
      Object.entries(graph.outputs).map(([name, value]) => [name, ports.get(value)!]),
    ),
    get memory() {
      return loaded.buffers.bytes;
    },
    async run(feeds, { signal }: RunOptions = {}) {
      expectAlive();
      checkFeeds(graph.inputs, feeds);
      return inTurn(async (here) => {
        const outputs = Object.entries(await compute(here, feeds, signal));
        const { host, buffers, memory } = here;
        const values = outputs.map(([, { slot, spec }]) => ({ buffer: memory.slots[slot], spec }));
        const tensors = await readBack(host, buffers, values);
        return Object.fromEntries(outputs.map(([name], i) => [name, tensors[i]]));
      }, signal);
    },
    async runOnDevice(feeds, { signal }: RunOptions = {}) {
      expectAlive();
      checkFeeds(graph.inputs, feeds);
      return inTurn(async (here) => {
        const outputs = Object.entries(await compute(here, feeds, signal));
        const { host, memory } = here;
        const own = createBuffers(host.device, host.total);
        try {
          return await host.checked('results', () => {
            const encoder = host.device.createCommandEncoder();
            const values = outputs.map(([name, { slot, spec }]) => {
              const buffer = own.create(deviceBytes(spec), 'ranges', `the result "${name}"`);
              encoder.copyBufferToBuffer(memory.slots[slot], 0, buffer, 0, deviceBytes(spec));
              return [name, deviceTensor(host, own, buffer, spec)] as const;
            });
            host.device.queue.submit([encoder.finish()]);
            return Object.fromEntries(values);
          });
        } catch (error) {
          own.freeAll();
          throw error;
        }
      }, signal);
    },
    async labelMap(logits, options) {
      expectAlive();
      return inTurn(({ host }) => labelMapOn(host, logits, options));
    },
    async drawFrame(frame, canvas, task, { signal } = {}) {
      expectAlive();
      const { createDrawer, surfaceOf } = await import('./render/index.ts'); // most sessions draw nothing
      return inTurn(async (here) => {
        here.drawer ??= createDrawer(here.host);
        await here.drawer.draw(frame, surfaceOf(here.host, canvas), task, async (image) => {
          const { logits } = await compute(here, { image }, signal);
          here.buffers.expectFits(deviceBytes(logits.spec), 'storage', 'logits of a frame'); // drawn in one piece
          return { buffer: here.memory.slots[logits.slot], spec: logits.spec };
        });
      }, signal);
    },
    plan: (shapes) =>
      describePlan(makePlan(loaded.lowered, shapes), (name) => loaded.memory.weights.get(name)?.size ?? 0),
    async dispose() {
      if (isDisposed) return;
      isDisposed = true;
      await queue(async () => {}); // what is under way ends first
      letGo(loaded);
    },
  };
}
