import { type Session, type Tensor, tensor } from '@atrous/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runBatches } from './batches.ts';

/** Gives of each picture its first number twice; notes the shapes that it was run with. */
function echo(): { session: Session; shapes: string[] } {
  const shapes: string[] = [];
  const session: Session = {
    inputs: {},
    outputs: {},
    async run({ image }) {
      shapes.push(image.shape.join());
      const [count] = image.shape;
      const length = image.data.length / count;
      const data = Float32Array.from({ length: 2 * count }, (_, i) => image.data[(i >> 1) * length]);
      return { twice: tensor('float32', [count, 2], data) };
    },
    async dispose() {},
  };
  return { session, shapes };
}

const image = (index: number, width: number): Tensor<'float32'> =>
  tensor('float32', [1, 1, width, 3], new Float32Array(3 * width).fill(index));

test('every picture gets its own outputs, in order, whatever the sizes and the batch', async () => {
  const widths = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(widths, fc.integer({ min: 1, max: 5 }), async (sizes, batch) => {
      const { session, shapes } = echo();
      let done = 0;
      const results = await runBatches(session, {
        count: sizes.length,
        batch,
        prepare: async (index) => image(index, sizes[index]),
        onDone: () => done++,
      });
      expect(results.map(({ twice }) => [twice.shape, ...twice.data])).toEqual(
        sizes.map((_, index) => [[1, 2], index, index]),
      );
      expect(done).toBe(sizes.length);
      expect(shapes.every((shape) => Number(shape.split(',')[0]) <= batch)).toBe(true);
    }),
  );
});

test('pictures of one size are run together; of many sizes few wait', async () => {
  const { session, shapes } = echo();
  const sizes = [2, 3, 2, 3, 2];
  await runBatches(session, { count: 5, batch: 3, prepare: async (i) => image(i, sizes[i]) });
  expect(shapes).toEqual(['3,1,2,3', '2,1,3,3']);
  const many = echo();
  let waiting = 0;
  await runBatches(many.session, {
    count: 20,
    batch: 8,
    prepare: async (i) => {
      waiting = Math.max(waiting, i - many.shapes.length);
      return image(i, i + 1);
    },
  });
  expect(waiting).toBeLessThan(6);
});

test('an abort between pictures ends the list', async () => {
  const { session } = echo();
  const stop = new AbortController();
  const prepare = async (index: number) => {
    if (index === 2) stop.abort(new Error('enough'));
    return image(index, 1);
  };
  await expect(runBatches(session, { count: 9, batch: 2, prepare, signal: stop.signal })).rejects.toThrow(
    'enough',
  );
});
