import {
  bind,
  type Compute,
  foldBatchNorm,
  foldedGraph,
  type Graph,
  inferGraph,
  type LoadOptions,
  type Model,
  type PartRunner,
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
import { oneByOne } from '@atrous/tensor/turns';
import { type Forms, forms, type Precision } from './forms.ts';
import { labelMapEnd } from './labels.ts';
import { type Build, type compile as compileKernels, int8Depths } from './modules.ts';
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
export interface WasmSession extends Session, LabelMapper, PartRunner {
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

/** Measured once for each way to compile: machines do not change. */
export type MeasuredForms = Map<`${Build} ${Precision}`, Promise<Forms[Precision]>>;

/** How a session is to compute. */
export interface Engine {
  readonly build: Build;
  readonly threads: number;
  readonly compute: Compute;
  readonly compile: typeof compileKernels;
  readonly measured: MeasuredForms;
  /** Undefined: the one that is fastest here. */
  readonly forms: { readonly [P in Precision]: Forms[P] | undefined };
}

/** Packs a model's weights into the threads' memory, one at a time, and makes it ready for pictures of any size. */
export async function loadSession(
  model: Model,
  createWorker: () => ThreadWorker,
  { build, threads, compute, forms: forced, measured, compile }: Engine,
  { outputs, signal, keepPacked = false }: LoadOptions = {},
): Promise<WasmSession> {
  signal?.throwIfAborted();
  const { id } = model.weights;
  const folded = foldBatchNorm({ graph: selectOutputs(model.graph, outputs), weights: model.weights });
  const pool = await startPool(createWorker, build, threads, compile);
  /** Measured in the first thread, while weights are read and packed in this one. */
  const choose = async (kept?: Partial<Forms>): Promise<Forms> => {
    const form = async <P extends Precision>(precision: P): Promise<Forms[P]> =>
      forced[precision] ?? kept?.[precision] ?? fastestIn(pool, build, precision, measured);
    const [float32, int8] = await Promise.all([
      form('float32'),
      compute === 'int8' ? form('int8') : forms.int8[0],
    ]);
    return { float32, int8 };
  };
  let layout: WeightLayout;
  let taken: Forms;
  try {
    layout = layOutWeights(folded.graph, weightsBegin, compute === 'int8' ? int8Depths[build] : undefined);
    const packing = { id, graph: folded.graph, layout, build, compute, offset: weightsBegin };
    const file = keepPacked && id !== undefined ? await packedFile({ ...packing, id }) : undefined;
    const kept = file && (await restore(pool, file));
    signal?.throwIfAborted();
    const choosing = choose(kept);
    if (!kept) {
      for await (const { offset, data } of packWeights(folded, layout)) {
        signal?.throwIfAborted();
        await pool.write(offset, data);
      }
    }
    taken = await choosing;
    const found = {
      ...(!forced.float32 && { float32: taken.float32 }),
      ...(!forced.int8 && { int8: taken.int8 }),
    };
    if (file && !kept) await pool.first({ kind: 'keep', file, note: found });
    signal?.throwIfAborted();
  } catch (error) {
    pool.dispose();
    throw error;
  }
  const base = Math.ceil((weightsBegin + layout.bytes) / 4096) * 4096;
  const planFor = (graph: Graph, shapes: Readonly<Record<string, readonly number[]>>): Plan =>
    makePlan(bind(graph, shapes), layout, base, pool.threads, taken);
  return wrap(folded, pool, { build, compute }, base, planFor);
}

/** Packed weights from an earlier visit, into memory: the forms of products that were the fastest then; undefined where there are none. */
async function restore(pool: Pool, file: PackedFile): Promise<Partial<Forms> | undefined> {
  pool.reserve(file.offset + file.bytes);
  const restored = (await pool.first({ kind: 'restore', file })) as Restored | null;
  if (!restored) return undefined;
  return {
    float32: forms.float32.find((form) => form === restored.note.float32),
    int8: forms.int8.find((form) => form === restored.note.int8),
  };
}

async function fastestIn<P extends Precision>(
  pool: Pool,
  build: Build,
  precision: P,
  measured: MeasuredForms,
): Promise<Forms[P]> {
  if (pool.withoutWorkers !== undefined) return forms[precision][0] as Forms[P]; // it takes longer than a slice to find out
  const key = `${build} ${precision}` as const;
  const measuring =
    measured.get(key) ?? (pool.first({ kind: 'form', build, precision }) as Promise<Forms[Precision]>);
  measured.set(key, measuring);
  try {
    return (await measuring) as Forms[P];
  } catch {
    measured.delete(key); // another load's threads, which ended
    return forms[precision][0] as Forms[P];
  }
}

function wrap(
  { graph }: Model,
  pool: Pool,
  how: Pick<Engine, 'build' | 'compute'>,
  base: number,
  planFor: (graph: Graph, shapes: Readonly<Record<string, readonly number[]>>) => Plan,
): WasmSession {
  const plans = new Map<string, Plan>();
  let times: readonly StepTime[] = [];
  const inTurn = oneByOne();
  let isDisposed = false;

  const expectAlive = () => {
    if (isDisposed) throw new AtrousError('disposed', 'this session was disposed: load the model again');
  };

  /** The plan of the network or a part of it for a size, known to all threads. */
  const preparePlan = async (part: Graph, shapes: Readonly<Record<string, readonly number[]>>) => {
    const key = JSON.stringify([shapes, part.outputs]);
    const known = plans.get(key);
    if (known) {
      plans.delete(key); // to the end: the oldest goes first
      plans.set(key, known);
      return { key, plan: known };
    }
    const plan = planFor(part, shapes);
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

  const run = async (part: Graph, feeds: Tensors, { signal, profile = false }: WasmRunOptions) => {
    expectAlive();
    signal?.throwIfAborted();
    const { key, plan } = await preparePlan(
      part,
      Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape])),
    );
    signal?.throwIfAborted();
    expectAlive(); // `begin` would forget the abort of a dispose that came while the plan was made
    pool.begin();
    const rest = pool.place(plan, feeds);
    const abort = () => pool.abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const [first] = await pool.all((thread) => ({
        kind: 'run',
        key,
        feeds: thread === 0 ? rest : undefined,
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

  /** The network or a part of it, on this pool. */
  const sessionOf = (part: Graph) => {
    const ports = inferGraph(part);
    return {
      inputs: part.inputs,
      outputs: Object.fromEntries(
        Object.entries(part.outputs).map(([name, value]) => [name, ports.get(value)!]),
      ),
      async run(feeds: Tensors, options: WasmRunOptions = {}) {
        expectAlive();
        checkFeeds(part.inputs, feeds);
        return inTurn(() => run(part, feeds, options));
      },
    };
  };

  return {
    ...how,
    threads: pool.threads,
    withoutWorkers: pool.withoutWorkers,
    ...sessionOf(graph),
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
    part(given) {
      const part = foldedGraph(given);
      const packed = new Map(graph.nodes.map(({ name, op }) => [name, JSON.stringify(op)]));
      if (part.nodes.some(({ name, op }) => packed.get(name) !== JSON.stringify(op))) return undefined;
      return { ...sessionOf(part), dispose: async () => {} };
    },
    plan: (shapes) => describePlan(planFor(graph, shapes)),
    profile: () => times,
    peak: () => inTurn(async () => (await pool.all(() => ({ kind: 'peak', rounds: 2000 }))) as number[]),
    async dispose() {
      if (isDisposed) return;
      isDisposed = true;
      pool.abort();
      await inTurn(async () => {}); // what runs has ended by then
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
