import {
  foldBatchNorm,
  inferGraph,
  type Model,
  type Node,
  type OpOf,
  readWeight,
  selectOutputs,
  weightShapes,
} from '@atrous/graph';
import { batchNormAffine, dispatch, inputsOf } from '@atrous/graph/lowering';
import { type DType, type Port, sizeOf } from '@atrous/tensor';
import { attr, graphEmitter } from './graph_model_nodes.ts';
import { operators } from './graph_model_operators.ts';
import { theirShapes } from './weights.ts';

export interface GraphModelOptions {
  /** Any named value of the network. @default the network's own outputs */
  readonly outputs?: readonly string[];
}

/** The files of a GraphModel. */
export interface GraphModelFiles {
  readonly 'model.json': string;
  /** The size is known before the first weight is read, and one weight is in memory at a time. */
  readonly 'weights.bin': { readonly size: number; readonly pieces: AsyncIterable<Uint8Array> };
}

const tfTypes: Readonly<Record<DType, string>> = {
  float32: 'DT_FLOAT',
  float16: 'DT_HALF',
  int8: 'DT_INT8',
  uint8: 'DT_INT32',
  int32: 'DT_INT32',
};

const tensorInfo = (name: string, { dtype, shape }: Port) => ({
  name: `${name}:0`,
  dtype: tfTypes[dtype],
  tensorShape: { dim: shape.map((extent) => ({ size: String(extent ?? -1) })) },
});

/**
 * A model as a GraphModel: `model.json` and `weights.bin`, which plain TensorFlow.js opens with `tf.loadGraphModel`.
 * Input `image` [N,H,W,3] with free batch, height and width, outputs by our names; batch norms folded.
 * @throws AtrousError `unsupported`
 */
export function encodeGraphModel(model: Model, options: GraphModelOptions = {}): GraphModelFiles {
  const { graph, weights } = foldBatchNorm({
    graph: selectOutputs(model.graph, options.outputs),
    weights: model.weights,
  });
  const ports = inferGraph(graph);
  const shapes = weightShapes(graph);
  const theirs = theirShapes(graph);
  const emit = graphEmitter();
  for (const [name, { shape }] of Object.entries(graph.inputs)) {
    const dim = shape.map((extent) => ({ size: String(extent ?? -1) }));
    emit.node(name, 'Placeholder', [], { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim } } });
  }
  const lower = (node: Node) => {
    const inputs = inputsOf(node, ports);
    const weight = (leaf: string) => {
      const name = `${node.name}/${leaf}`;
      return emit.weight(name, theirs.get(name)!, () => readWeight(weights, name, shapes.get(name)!));
    };
    const affine = (leaf: 'scale' | 'shift') => {
      const { op } = node as { op: OpOf<'batch_norm'> };
      const channels = inputs[0].shape.at(-1)!;
      return emit.weight(
        `${node.name}/${leaf}`,
        [channels],
        async () => (await batchNormAffine(weights, node.name, op, channels))[leaf],
      );
    };
    dispatch(operators, node.op, {
      emit,
      name: node.name,
      inputs: node.inputs,
      ports: inputs,
      weight,
      affine,
    });
  };
  for (const node of graph.nodes) lower(node);
  const outputs = Object.entries(graph.outputs).map(([name, value]) => {
    if (name !== value) emit.node(name, 'Identity', [value], attr.float);
    return [name, tensorInfo(name, ports.get(value)!)] as const;
  });
  const json = {
    format: 'graph-model',
    generatedBy: 'atrous',
    convertedBy: 'atrous',
    signature: {
      inputs: Object.fromEntries(
        Object.entries(graph.inputs).map(([name, port]) => [name, tensorInfo(name, port)]),
      ),
      outputs: Object.fromEntries(outputs),
    },
    modelTopology: { node: emit.nodes, library: {}, versions: {} },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: emit.weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
      },
    ],
  };
  const size = emit.weights.reduce((sum, { shape }) => sum + sizeOf(shape) * 4, 0);
  return {
    'model.json': JSON.stringify(json),
    'weights.bin': {
      size,
      pieces: (async function* () {
        for (const { read } of emit.weights) {
          const { buffer, byteOffset, byteLength } = await read();
          yield new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
        }
      })(),
    },
  };
}
