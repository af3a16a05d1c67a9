import { createHash } from 'node:crypto';
import { filledModel } from '@atrous/golden';
import { buildGraph, conv2d, foldBatchNorm, imageInput, separableConv2d } from '@atrous/graph';
import { describe, expect, test } from 'vitest';
import { packedFile, packing } from './packed_key.ts';
import { layOutWeights, packWeights } from './weights.ts';

const model = (channels = 24) =>
  foldBatchNorm(
    filledModel(
      buildGraph(imageInput(), (root, { image }) => {
        const x = conv2d(root.child('stem'), image, { channels, kernel: 3 });
        const options = { channels: 20, epsilon: 1e-3, norm: 'both', between: 'none' } as const;
        return { logits: separableConv2d(root.child('conv'), x, options) };
      }),
    ),
  );

const layouts = { float32: undefined, int8: 4 } as const;

/** All that is packed, with where it lies. */
async function packed(compute: keyof typeof layouts): Promise<string> {
  const hash = createHash('sha256');
  const layout = layOutWeights(model().graph, 1024, layouts[compute]);
  for await (const { offset, data } of packWeights(model(), layout)) {
    hash.update(`${offset}:`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex').slice(0, 16);
}

test('weights are packed as the version of the packing says: raise `packing` where this changes', async () => {
  expect({ packing, float32: await packed('float32'), int8: await packed('int8') }).toEqual({
    packing: 1,
    float32: '4c1b4f65d5d526ee',
    int8: '3276e75e4695198a',
  });
});

describe('the file of packed weights', () => {
  const { graph } = model();
  const how = {
    id: 'abc',
    graph,
    layout: layOutWeights(graph, 1024),
    build: 'relaxed',
    compute: 'float32',
    offset: 1024,
  } as const;

  test('is the same for the same', async () => {
    expect(await packedFile({ ...how, graph: model().graph })).toEqual(await packedFile(how));
  });

  const other = model(32).graph;
  const others = {
    'another network': { graph: other, layout: layOutWeights(other, 1024) },
    'another place': { offset: 2048 },
    'another build': { build: 'simd' },
    'other weights': { id: 'abd' },
    'another way to compute': { compute: 'int8', layout: layOutWeights(graph, 1024, layouts.int8) },
  } as const;
  test.each(Object.entries(others))('%s has another key', async (_what, change) => {
    expect((await packedFile({ ...how, ...change }))?.key).not.toBe((await packedFile(how))?.key);
  });

  test('has a name of weights, build and way to compute: what another version left is written over', async () => {
    const nameOf = async (change: object) => (await packedFile({ ...how, ...change }))?.name;
    expect(await nameOf(others['another place'])).toBe(await nameOf({}));
    expect(await nameOf(others['other weights'])).not.toBe(await nameOf({}));
    expect(await nameOf(others['another way to compute'])).not.toBe(await nameOf({}));
  });
});
