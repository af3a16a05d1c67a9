import {
  bind,
  type Compute,
  foldBatchNorm,
  inferGraph,
  type LoadOptions,
  type Model,
  selectOutputs,
} from '@atrous/graph';
import { type LabelMapper, type LabelMapResult, type Region, regionOf } from '@atrous/mask';
import {
  AtrousError,
  checkFeeds,
  type RunOptions,
  type Session,
  type Tensor,
  type Tensors,
} from '@atrous/tensor';
import { formBytes } from './int8_form.ts';
import { type Int8Form, int8Forms } from './kernels.ts';
import { labelMapEnd } from './labels.ts';
import { type Build, int8Depths } from './modules.ts';
import type { PackedFile } from './packed_files.ts';
import { packedFile } from './packed_key.ts';
import { describePlan } from './plan/describe.ts';
import { makePlan, type Plan } from './plan/plan.ts';
import { type Pool, startPool, type ThreadWorker } from './pool.ts';
import type { Finished, Restored } from './protocol.ts';
import { layOutWeights, packWeights, type WeightLayout } from './weights.ts';

export interface WasmRunOptions extends RunOptions {
  /** Measure each step; the times are in `profile` afterwards. @default false */
  readonly profile?: boolean;
}

/** A step and how long it took. */
export interface StepTime {
  readonly name: string;
  readonly kind: string;
  readonly milliseconds: number;
  readonly multiplyAdds: number;
}

/** A session that can be looked into. */
export interface WasmSession extends Session, LabelMapper {
  readonly build: Build;
  readonly threads: number;
  /**
   * Why the engine computes on the thread that called it, in slices of 8 ms at most, between which all else has its turn: no worker
   * could start. Undefined where it has workers.
   */
  readonly withoutWorkers?: string;
  /** In what products are computed; `plan` says it of each. */
  readonly compute: Compute;
  run(feeds: Tensors, options?: WasmRunOptions): Promise<Record<string, Tensor>>;
  /** What is done for feeds of these shapes, in words: each step, its fusion, its bytes, its multiply-adds. */
  plan(shapes: Readonly<Record<string, readonly number[]>>): string;
  /** The steps of the last run with `profile`. */
  profile(): readonly StepTime[];
  /** Billions of operations per second of a loop in registers on each thread at once: what the kernels could reach at most. */
  peak(): Promise<readonly number[]>;
}

/** Plans that are kept: what a camera, a window and a few pictures need. */
const keptPlans = 8;
/** Nothing lies at address 0. */
const weightsBegin = 1024;

/** How a session is to compute. */
export interface Engine {
  readonly build: Build;
  readonly threads: number;
  readonly compute: Compute;
  /** Undefined: the one that is faster here. */
  readonly int8Form?: Int8Form;
}

/** Packs a model's weights into the threads' memory, one at a time, and makes it ready for pictures of any size. */
export async function loadSession(
  model: Model,
  createWorker: () => ThreadWorker,
  { build, threads, compute, int8Form }: Engine,
  { outputs, signal, keepPacked = false }: LoadOptions = {},
): Promise<WasmSession> {
  signal?.throwIfAborted();
  const { id } = model.weights;
  const folded = foldBatchNorm({ graph: selectOutputs(model.graph, outputs), weights: model.weights });
  const pool = await startPool(createWorker, build, threads);
  let layout: WeightLayout;
  try {
    const layOut = (form: Int8Form) =>
      layOutWeights(
        folded.graph,
        weightsBegin,
        compute === 'int8' ? { depth: int8Depths[build], form } : undefined,
      );
    layout = layOut(int8Form ?? 'pairs');
    const packing = { id, graph: folded.graph, layout, build, compute, offset: weightsBegin };
    const file = keepPacked && id !== undefined ? await packedFile({ ...packing, id }) : undefined;
    const kept = file && (await restore(pool, file));
    signal?.throwIfAborted();
    if (kept) layout = layOut(int8Form ?? kept);
    else {
      const form = compute === 'int8' ? (int8Form ?? (await formFor(build, pool))) : 'pairs';
      layout = layOut(form);
      for await (const { offset, data } of packWeights(folded, layout)) {
        signal?.throwIfAborted();
        await pool.write(offset, data);
      }
      if (file) await pool.first({ kind: 'keep', file, note: { form } });
    }
    signal?.throwIfAborted();
  } catch (error) {
    pool.dispose();
    throw error;
  }
  const base = Math.ceil((weightsBegin + layout.bytes) / 4096) * 4096;
  const planFor = (shapes: Readonly<Record<string, readonly number[]>>): Plan =>
    makePlan(bind(folded.graph, shapes), layout, base, pool.threads);
  return wrap(folded, pool, { build, compute }, base, planFor);
}

/** Packed weights from an earlier visit, into memory: the form of products that was the faster one then; undefined where there are none. */
async function restore(pool: Pool, file: PackedFile): Promise<Int8Form | undefined> {
  pool.reserve(file.offset + file.bytes);
  const restored = (await pool.first({ kind: 'restore', file })) as Restored | null;
  return int8Forms.find((form) => form === restored?.note.form);
}

/** Measured once: machines do not change. */
let measuredForm: Promise<Int8Form> | undefined;

async function formFor(build: Build, pool: Pool): Promise<Int8Form> {
  if (build !== 'relaxed') return 'pairs'; // SIMD128 has no other
  if (pool.withoutWorkers !== undefined) return 'pairs'; // it takes longer than a slice to find out
  pool.reserve(formBytes);
  measuredForm ??= pool.first({ kind: 'int8 form' }) as Promise<Int8Form>;
  try {
    return await measuredForm;
  } catch {
    measuredForm = undefined; // another load's threads, which ended
    return 'pairs';
  }
}

function wrap(
  { graph }: Model,
  pool: Pool,
  how: Pick<Engine, 'build' | 'compute'>,
  base: number,
  planFor: (shapes: Readonly<Record<string, readonly number[]>>) => Plan,
): WasmSession {
  const ports = inferGraph(graph);
  const plans = new Map<string, Plan>();
  let times: readonly StepTime[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let isDisposed = false;

  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const turn = last.then(task);
    last = turn.catch(() => {});
    return turn;
  };
  const expectAlive = () => {
    if (isDisposed) throw new AtrousError('disposed', 'this session was disposed: load the model again');
  };

  /** The plan for a size, known to all threads. */
  const preparePlan = async (shapes: Readonly<Record<string, readonly number[]>>) => {
    const key = JSON.stringify(shapes);
    const known = plans.get(key);
    if (known) {
      plans.delete(key); // to the end: the oldest goes first
      plans.set(key, known);
      return { key, plan: known };
    }
    const plan = planFor(shapes);
    pool.reserve(plan.memoryBytes);
    const [oldest] = plans.keys();
    if (plans.size >= keptPlans && oldest !== undefined) {
      plans.delete(oldest);
      await pool.all(() => ({ kind: 'forget', key: oldest }));
    }
    await pool.all(() => ({ kind: 'plan', key, plan }));
    plans.set(key, plan);
    return { key, plan };
  };

  const run = async (feeds: Tensors, { signal, profile = false }: WasmRunOptions) => {
    expectAlive();
    signal?.throwIfAborted();
    const { key, plan } = await preparePlan(
      Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape])),
    );
    signal?.throwIfAborted();
    pool.begin();
    const abort = () => pool.abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const [first] = await pool.all((thread) => ({
        kind: 'run',
        key,
        feeds: thread === 0 ? feeds : undefined,
        profile,
      }));
      const { stopped, outputs, times: measured } = first as Finished;
      if (stopped) {
        signal?.throwIfAborted();
        expectAlive();
        throw new AtrousError('runtime', 'wasm: the run was stopped');
      }
      if (measured) {
        times = plan.steps.map(({ name, kind, multiplyAdds }, i) => {
          return { name, kind, multiplyAdds, milliseconds: measured[i] };
        });
      }
      return outputs!;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  };

  return {
    ...how,
    threads: pool.threads,
    withoutWorkers: pool.withoutWorkers,
    inputs: graph.inputs,
    outputs: Object.fromEntries(
      Object.entries(graph.outputs).map(([name, value]) => [name, ports.get(value)!]),
    ),
    async run(feeds, options = {}) {
      expectAlive();
      checkFeeds(graph.inputs, feeds);
      return inTurn(() => run(feeds, options));
    },
    async labelMap(logits, options) {
      expectAlive();
      const region = regionOf(logits, options);
      return inTurn(async () => {
        expectAlive();
        /** The arena is free between runs: each thread takes its own rows and its own place. */
        const cut = (thread: number) => Math.floor((region.height * thread) / pool.threads);
        const parts = Array.from({ length: pool.threads }, (_, thread) => {
          const height = cut(thread + 1) - cut(thread);
          return { ...region, top: region.top + cut(thread), height };
        });
        const bytes = Math.max(...parts.map((part) => labelMapEnd(logits, options, part, 0)));
        pool.reserve(base + bytes * pool.threads);
        const results = (await pool.all((thread) => {
          return { kind: 'labels', logits, options, region: parts[thread], begin: base + bytes * thread };
        })) as LabelMapResult[];
        return results.length === 1 ? results[0] : stack(results, region);
      });
    },
    plan: (shapes) => describePlan(planFor(shapes)),
    profile: () => times,
    peak: () => inTurn(async () => (await pool.all(() => ({ kind: 'peak', rounds: 2000 }))) as number[]),
    async dispose() {
      if (isDisposed) return;
      isDisposed = true;
      pool.abort();
      await last;
      pool.dispose();
    },
  };
}

/** Parts of a label map, one below the other. */
function stack(parts: readonly LabelMapResult[], { height, width }: Region): LabelMapResult {
  const [{ labels, confidence }] = parts;
  const Labels = labels.data.constructor as { new (length: number): Uint8Array | Uint16Array };
  const data = new Labels(height * width);
  const certain = confidence && new Float32Array(height * width);
  let at = 0;
  for (const part of parts) {
    data.set(part.labels.data, at);
    if (part.confidence) certain?.set(part.confidence, at);
    at += part.labels.data.length;
  }
  return { labels: { height, width, data }, ...(certain && { confidence: certain }) };
}
