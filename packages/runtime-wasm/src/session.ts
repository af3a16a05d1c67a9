import { bind, foldBatchNorm, inferGraph, type LoadOptions, type Model, selectOutputs } from '@atrous/graph';
import {
  AtrousError,
  checkFeeds,
  type RunOptions,
  type Session,
  type Tensor,
  type Tensors,
} from '@atrous/tensor';
import type { Build } from './modules.ts';
import { describePlan } from './plan/describe.ts';
import { makePlan, type Plan } from './plan/plan.ts';
import { type Pool, startPool, type Worker } from './pool.ts';
import type { Finished } from './protocol.ts';
import { layOutWeights, packWeights } from './weights.ts';

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
export interface WasmSession extends Session {
  readonly build: Build;
  readonly threads: number;
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

/** Packs a model's weights into the threads' memory, one at a time, and makes it ready for pictures of any size. */
export async function loadSession(
  model: Model,
  createWorker: () => Worker,
  build: Build,
  threads: number,
  { outputs, signal }: LoadOptions = {},
): Promise<WasmSession> {
  signal?.throwIfAborted();
  const folded = foldBatchNorm({ graph: selectOutputs(model.graph, outputs), weights: model.weights });
  const layout = layOutWeights(folded.graph, weightsBegin);
  const pool = await startPool(createWorker, build, threads);
  try {
    for await (const { offset, data } of packWeights(folded, layout)) {
      signal?.throwIfAborted();
      await pool.write(offset, data);
    }
    signal?.throwIfAborted();
  } catch (error) {
    pool.dispose();
    throw error;
  }
  const base = Math.ceil((weightsBegin + layout.bytes) / 4096) * 4096;
  const planFor = (shapes: Readonly<Record<string, readonly number[]>>): Plan =>
    makePlan(bind(folded.graph, shapes), layout, base, pool.threads);
  return wrap(folded, pool, build, planFor);
}

function wrap(
  { graph }: Model,
  pool: Pool,
  build: Build,
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
    build,
    threads: pool.threads,
    inputs: graph.inputs,
    outputs: Object.fromEntries(
      Object.entries(graph.outputs).map(([name, value]) => [name, ports.get(value)!]),
    ),
    async run(feeds, options = {}) {
      expectAlive();
      checkFeeds(graph.inputs, feeds);
      return inTurn(() => run(feeds, options));
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
