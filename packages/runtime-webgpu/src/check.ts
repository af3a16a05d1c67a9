import {
  activation,
  add,
  buildGraph,
  concat,
  conv2d,
  globalAveragePool,
  imageInput,
  type Model,
  maxPool,
  resizeLike,
  separableConv2d,
  softmax,
  weightShapes,
  weightsFrom,
} from '@atrous/graph';
import { labelMap } from '@atrous/mask';
import { AtrousError, sizeOf, type Tensor, tensor } from '@atrous/tensor';
import type { Host } from './host.ts';
import { loadSession } from './session.ts';

/** Numbers between −1 and 1 that look like any. */
const waves = (shape: readonly number[], phase: number): Tensor<'float32'> =>
  tensor(
    'float32',
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * 1.7 + phase)),
  );

/** Small, and of every kind of kernel that networks of this family need, products of every width too. */
function checkModel(): Model {
  const graph = buildGraph(imageInput(), (root, { image }) => {
    const options = { channels: 136, epsilon: 1e-3, norm: 'none', between: 'relu', rate: 2 } as const;
    const stem = activation(root, conv2d(root.child('stem'), image, { channels: 40, kernel: 3, stride: 2 }));
    const wide = conv2d(root.child('wide'), stem, { channels: 136, kernel: 3, rate: 2, bias: true });
    const branch = separableConv2d(root.child('branch'), wide, options);
    const sum = add(root, wide, branch);
    const pooled = globalAveragePool(root.child('mean'), sum, { flatten: false });
    const small = maxPool(root, sum, { kernel: 3, stride: 2, padding: 'same' });
    const all = concat(root, [
      resizeLike(root, small, sum, 'half-pixel'),
      resizeLike(root.child('mean'), pooled, sum, 'half-pixel'),
    ]);
    const logits = conv2d(root.child('last'), all, { channels: 21, bias: true });
    return { logits, probabilities: softmax(root, logits) };
  });
  const entries = [...weightShapes(graph)].map(([name, shape], i): [string, Tensor] => {
    const weight = waves(shape, i);
    const scale = Math.sqrt(shape[shape.length - 1] / weight.data.length);
    return [
      name,
      tensor(
        'float32',
        shape,
        weight.data.map((value) => value * scale),
      ),
    ];
  });
  return { graph, weights: weightsFrom(Object.fromEntries(entries)) };
}

const labelOptions = { height: 37, width: 41, resize: 'half-pixel' } as const;

/** Of the largest value: a hundred times what rounding explains. */
const tolerance = 1e-4;

/** The largest difference, relative to the largest expected value; NaN where there is one. */
const errorOf = (actual: Tensor, expected: Tensor): number => {
  const differences = Array.from(actual.data, (value, i) => Math.abs(value - expected.data[i]));
  return Math.max(...differences) / Math.max(...expected.data.map(Math.abs));
};

/**
 * Runs a small network and compares it with the reference: drivers have been wrong.
 * @throws AtrousError `unavailable` where the GPU computes something else
 */
export async function checkDevice(host: Host): Promise<void> {
  const model = checkModel();
  const feeds = { image: waves([1, 23, 18, 3], 0.5) };
  const { evaluate } = await import('@atrous/graph/reference');
  const session = await loadSession(model, async () => host);
  try {
    const [actual, expected] = [await session.run(feeds), await evaluate(model, feeds)];
    const off = Math.max(...Object.keys(expected).map((name) => errorOf(actual[name], expected[name])));
    const { labels } = await session.labelMap(expected.logits, labelOptions);
    const right = labelMap(expected.logits, labelOptions).labels;
    const others = labels.data.filter((label, i) => label !== right.data[i]).length;
    if (off <= tolerance && others * 100 <= right.data.length) return; // what rounds otherwise may differ where classes are equal
    throw new AtrousError(
      'unavailable',
      `webgpu: this GPU computes wrong numbers (a small network is off by ${off.toPrecision(2)}, ${others} of ${right.data.length} labels are others): update its driver, or take another runtime`,
    );
  } finally {
    await session.dispose();
  }
}
