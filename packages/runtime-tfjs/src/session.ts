import {
  type ActivationFunction,
  bind,
  foldBatchNorm,
  type Graph,
  inferGraph,
  type LoadOptions,
  type Model,
  type Node,
  selectOutputs,
} from '@atrous/graph';
import { countReaders, dispatch } from '@atrous/graph/lowering';
import {
  AtrousError,
  allocate,
  checkFeeds,
  messageOf,
  type Ports,
  type RunOptions,
  type Session,
  type Tensor,
  tensor,
} from '@atrous/tensor';
import { nextTurn } from '@atrous/tensor/turns';
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { type ValueWatch, watchValues } from './first_run.ts';
import { type FusedActivation, operatorsOn } from './lower.ts';
import { inTurn, onBackend, type Tf } from './tf.ts';
import { uploadWeights } from './weights.ts';

/** A session whose values need not leave the backend. */
export interface TfjsSession extends Session {
  /**
   * Tensors of the app's own TensorFlow.js in and out, without a copy: they must live on this session's backend.
   * What is given stays the caller's, and what comes back is the caller's to dispose.
   */
  runTensors(
    feeds: Readonly<Record<string, TfTensor>>,
    options?: RunOptions,
  ): Promise<Record<string, TfTensor>>;
}

/** How long a run computes before it lets messages in and looks whether it was aborted. */
const turnMilliseconds = 10;

const fuses = new Set<string>(['conv2d', 'depthwise_conv2d']);

const isFused = (name: ActivationFunction): name is FusedActivation =>
  name === 'relu' || name === 'relu6' || name === 'elu';

/** Which activation each convolution does itself: where nothing else reads what is before it. */
function findFusions(graph: Graph): ReadonlyMap<string, { function: FusedActivation; into: string }> {
  const readers = countReaders(graph);
  const producers = new Map(graph.nodes.map((node) => [node.name, node]));
  return new Map(
    graph.nodes.flatMap((node) => {
      const source = producers.get(node.inputs[0]);
      if (node.op.kind !== 'activation' || !isFused(node.op.function)) return [];
      if (!source || !fuses.has(source.op.kind)) return [];
      if (readers.get(source.name) !== 1) return [];
      const { stride, dilation } = source.op as { stride: readonly number[]; dilation: readonly number[] };
      if (stride.some((step) => step > 1) && dilation.some((rate) => rate > 1)) return [];
      return [[source.name, { function: node.op.function, into: node.name }] as const];
    }),
  );
}

/** Loads a model onto a backend: batch norms folded, weights uploaded once. */
export async function loadSession(
  tf: Tf,
  backend: string,
  model: Model,
  { outputs, signal }: LoadOptions = {},
): Promise<TfjsSession> {
  signal?.throwIfAborted();
  const folded = foldBatchNorm({ graph: selectOutputs(model.graph, outputs), weights: model.weights });
  const weights = await inTurn(() => onBackend(tf, backend, () => uploadWeights(tf, folded, signal)));
  return wrap(tf, backend, folded.graph, weights);
}

function wrap(tf: Tf, backend: string, graph: Graph, weights: ReadonlyMap<string, TfTensor>): TfjsSession {
  const ports = inferGraph(graph);
  const outputs: Ports = Object.fromEntries(
    Object.entries(graph.outputs).map(([name, value]) => [name, ports.get(value)!]),
  );
  const operators = operatorsOn(tf);
  const fusions = findFusions(graph);
  const fusedAway = new Set([...fusions.values()].map(({ into }) => into));
  const readers = countReaders(graph);
  let isDisposed = false;
  let isProven = false; // a first run has gone through without NaN or infinity
  const expectAlive = () => {
    if (isDisposed) throw new AtrousError('disposed', 'this session was disposed: load the model again');
  };

  /** A run; the first one is watched. */
  async function compute(
    feeds: Readonly<Record<string, TfTensor>>,
    signal?: AbortSignal,
  ): Promise<Record<string, TfTensor>> {
    if (isProven) return computeNodes(feeds, signal);
    const watch = watchValues(tf);
    try {
      const results = await computeNodes(feeds, signal, watch);
      await watch.finish().catch((error) => {
        tf.dispose(results);
        throw error;
      });
      isProven = true;
      return results;
    } finally {
      watch.dispose();
    }
  }

  /** Node by node, each value disposed after its last reader. Where values are watched, nothing is fused. */
  async function computeNodes(
    feeds: Readonly<Record<string, TfTensor>>,
    signal?: AbortSignal,
    watch?: ValueWatch,
  ): Promise<Record<string, TfTensor>> {
    const { nodes } = bind(
      graph,
      Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape])),
    );
    const values = new Map<string, TfTensor>(Object.entries(feeds));
    const left = new Map(readers);
    const release = (name: string) => {
      left.set(name, left.get(name)! - 1);
      if (left.get(name) !== 0 || name in feeds) return;
      values.get(name)?.dispose();
      values.delete(name);
    };
    const step = (node: Node) => {
      watch?.before(node, values);
      const fusion = watch ? undefined : fusions.get(node.name);
      const value = tf.tidy(() =>
        dispatch(operators, node.op, {
          inputs: node.inputs.map((name) => values.get(name)!),
          weight: (leaf) => weights.get(`${node.name}/${leaf}`)!,
          activation: fusion?.function,
        }),
      );
      values.set(fusion?.into ?? node.name, value);
      for (const name of node.inputs) release(name);
    };
    try {
      let since = performance.now();
      for (const node of nodes) {
        if (watch || !fusedAway.has(node.name)) step(node);
        if (performance.now() - since < turnMilliseconds) continue;
        await nextTurn();
        signal?.throwIfAborted();
        if (tf.getBackend() !== backend) await tf.setBackend(backend); // an app of its own may have come between
        since = performance.now();
      }
      return Object.fromEntries(
        Object.entries(graph.outputs).map(([name, value]) => [name, tf.clone(values.get(value)!)]),
      );
    } finally {
      for (const [name, value] of values) if (!(name in feeds)) value.dispose();
    }
  }

  const guarded = async <T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
    inTurn(async () => {
      expectAlive();
      signal?.throwIfAborted();
      try {
        return await onBackend(tf, backend, task);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof AtrousError) throw error;
        throw new AtrousError('runtime', `tfjs:${backend}: the run failed: ${messageOf(error)}`, {
          cause: error,
        });
      }
    });

  return {
    inputs: graph.inputs,
    outputs,
    async run(feeds, { signal } = {}) {
      expectAlive();
      checkFeeds(graph.inputs, feeds);
      return guarded(async () => {
        const given = Object.fromEntries(
          Object.entries(feeds).map(([name, { data, shape }]) => {
            return [name, tf.tensor(data as Float32Array, [...shape])] as const;
          }),
        );
        try {
          const results = await compute(given, signal);
          return await download(results, outputs);
        } finally {
          for (const feed of Object.values(given)) feed.dispose();
        }
      }, signal);
    },
    async runTensors(feeds, { signal } = {}) {
      expectAlive();
      for (const [name, port] of Object.entries(graph.inputs)) {
        const given = feeds[name];
        if (!given) throw new AtrousError('shape', `feed "${name}" is missing`);
        if (given.dtype !== port.dtype)
          throw new AtrousError('shape', `feed "${name}": expected ${port.dtype}, got ${given.dtype}`);
      }
      return guarded(() => compute(feeds, signal), signal);
    },
    async dispose() {
      if (isDisposed) return;
      isDisposed = true;
      await inTurn(async () => {
        for (const weight of weights.values()) weight.dispose();
      });
    },
  };
}

/** Copies, and frees what was copied. */
async function download(
  values: Readonly<Record<string, TfTensor>>,
  ports: Ports,
): Promise<Record<string, Tensor>> {
  try {
    const read = Object.entries(values).map(async ([name, value]) => {
      const { dtype } = ports[name];
      const data = allocate(dtype, value.size);
      data.set(await value.data());
      return [name, tensor(dtype, value.shape, data)] as const;
    });
    return Object.fromEntries(await Promise.all(read));
  } finally {
    for (const value of Object.values(values)) value.dispose();
  }
}
