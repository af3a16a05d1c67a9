import { geometries, sizes } from '@atrous/conformance';
import { goldenImage, relativeError } from '@atrous/golden';
import { evaluate, type Model } from '@atrous/graph';
import { tensor } from '@atrous/tensor';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeGraphModel } from './graph_model.ts';
import { tfjsWasm } from './wasm_node.ts';

beforeAll(async () => {
  await tfjsWasm().tf();
  await tf.setBackend('wasm');
});

/** Opened as somebody does who has TensorFlow.js and nothing of ours. */
async function open(model: Model): Promise<GraphModel> {
  const files = encodeGraphModel(model);
  const bytes = new Uint8Array(files['weights.bin'].size);
  let offset = 0;
  for await (const piece of files['weights.bin'].pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  expect(offset).toBe(bytes.byteLength);
  const { modelTopology, signature, weightsManifest, format, generatedBy, convertedBy } = JSON.parse(
    files['model.json'],
  );
  return loadGraphModel(
    tf.io.fromMemory({
      modelTopology,
      signature,
      format,
      generatedBy,
      convertedBy,
      weightSpecs: weightsManifest[0].weights,
      weightData: bytes.buffer,
    }),
  );
}

describe('a GraphModel opened by plain TensorFlow.js', () => {
  test.each([...geometries])('%s', async (_name, model) => {
    const opened = await open(model);
    for (const size of sizes) {
      const feeds = { image: goldenImage([...size, 3]) };
      const image = tf.tensor(feeds.image.data as Float32Array, [...size, 3]);
      const result = opened.execute({ image }, 'y') as tf.Tensor;
      const { y } = await evaluate(model, feeds);
      const actual = tensor('float32', result.shape, Float32Array.from(await result.data()));
      expect(relativeError(actual, y), `at ${size}`).toBeLessThan(1e-5);
      tf.dispose([image, result]);
    }
    opened.dispose();
  });
});
