import { inferGraph, type LoadOptions, type Model, selectOutputs } from '@atrous/graph';
import {
  AtrousError,
  checkFeeds,
  type DType,
  messageOf,
  type Port,
  type Session,
  type Tensor,
  type TypedArray,
  tensor,
} from '@atrous/tensor';
import { oneByOne, orAborted } from '@atrous/tensor/turns';
import type {
  InferenceSession,
  InferenceSessionFactory,
  Tensor as OrtTensor,
  TensorConstructor,
} from 'onnxruntime-common';
import { toOnnx } from './encode.ts';

/** What every build of onnxruntime's JavaScript has. */
export interface Ort {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

export interface Provider {
  readonly ort: Ort;
  readonly options: InferenceSession.SessionOptions;
  /** Sees to it itself when each run begins. @default false: one thing at a time */
  readonly ownTurns?: boolean;
  /** Settles with a reason when the device is gone. */
  readonly lost?: Promise<{ reason: string }>;
}

/** What sessions of all builds share: errors are thrown, provider warnings are suppressed. */
export const sessionOptions: InferenceSession.SessionOptions = {
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
};

/** Turns whatever onnxruntime threw into our error. */
export function ortError(what: string, error: unknown): AtrousError {
  if (error instanceof AtrousError) return error;
  const message = messageOf(error);
  const isMemory =
    /bad_alloc|out of memory|failed to allocate|allocation failed|memory access out of bounds|OOM/i.test(
      message,
    );
  const isLost = /device (was |is )?(lost|destroyed)/i.test(message);
  const isMissing = /no available backend/i.test(message); // its .wasm cannot be fetched, or does not compile
  const code = isMemory ? 'memory' : isLost ? 'device-lost' : isMissing ? 'unavailable' : 'runtime';
  const remedy = isMemory ? '; try a smaller picture' : '';
  return new AtrousError(code, `onnxruntime: ${what}: ${message}${remedy}`, { cause: error });
}

/**
 * onnxruntime-web can neither create nor run two things at a time, so all of it happens in turn. A run cannot be stopped
 * either: on abort the caller is free at once, and the answer is dropped.
 */
const inTurn = oneByOne();

/** Loads a model into onnxruntime: our bytes of it live until onnxruntime has taken them. */
export async function loadSession(
  model: Model,
  provider: Provider,
  options: LoadOptions = {},
): Promise<Session> {
  const { signal } = options;
  signal?.throwIfAborted();
  const graph = selectOutputs(model.graph, options.outputs);
  const bytes = await toOnnx({ graph, weights: model.weights });
  signal?.throwIfAborted();
  const inner = await inTurn(
    () => provider.ort.InferenceSession.create(bytes, provider.options),
    signal,
  ).catch((error) => {
    signal?.throwIfAborted();
    throw ortError('the network cannot be loaded', error);
  });
  const ports = inferGraph(graph);
  const outputs = Object.fromEntries(
    Object.entries(graph.outputs).map(([name, value]) => [name, ports.get(value)!]),
  );
  return wrap(inner, provider, graph.inputs, outputs);
}

function wrap(
  inner: InferenceSession,
  { ort, lost, ownTurns }: Provider,
  inputs: Readonly<Record<string, Port>>,
  outputs: Readonly<Record<string, Port>>,
): Session {
  let disposed = false;
  const underWay = new Set<Promise<unknown>>();
  /** Beside what else is under way. As in turn, an abort frees the caller at once. */
  const alongside = <T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    signal?.throwIfAborted();
    const result = task();
    underWay.add(result);
    const over = () => underWay.delete(result);
    result.then(over, over);
    return signal ? orAborted(result, signal) : result;
  };
  const schedule = ownTurns ? alongside : inTurn;
  let lostReason: string | undefined;
  lost?.then(({ reason }) => {
    lostReason = reason;
  });
  const check = () => {
    if (disposed) throw new AtrousError('disposed', 'this session was disposed: load the model again');
    if (lostReason !== undefined) {
      throw new AtrousError('device-lost', `the GPU device was lost (${lostReason}): load the model again`);
    }
  };
  return {
    inputs,
    outputs,
    async run(feeds, { signal } = {}) {
      check();
      checkFeeds(inputs, feeds);
      const given = Object.entries(feeds).map(([name, feed]) => {
        return [
          name,
          new ort.Tensor(feed.dtype as 'float32', feed.data as Float32Array, feed.shape),
        ] as const;
      });
      const results = await schedule(async () => {
        check();
        return inner.run(Object.fromEntries(given));
      }, signal).catch((error) => {
        signal?.throwIfAborted();
        check();
        throw ortError('the run failed', error);
      });
      return Object.fromEntries(Object.keys(outputs).map((name) => [name, take(results[name] as OrtTensor)]));
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      await Promise.allSettled(underWay);
      await inTurn(() => inner.release());
    },
  };
}

/** An output as ours. onnxruntime hands out memory that is the caller's: nothing else writes there. */
function take(output: OrtTensor): Tensor {
  return tensor(output.type as DType, output.dims, output.data as TypedArray);
}
