import { type Session, sizeOf, type Tensor, type Tensors, tensor } from '@atrous/tensor';

/** Several pictures on their way through a network. */
export interface Work {
  readonly count: number;
  /** Pictures of one run at most. */
  readonly batch: number;
  /** A picture as the network's input [1,h,w,channels]. */
  prepare(index: number): Promise<Tensor<'float32'>>;
  /** Called when a picture has been through. */
  onDone?(): void;
  readonly signal?: AbortSignal;
}

/** A picture that waits for others of its input size. */
interface Waiting {
  readonly index: number;
  readonly image: Tensor<'float32'>;
}

/** Sizes that may wait for company at a time; after that the one that waited longest runs alone. */
const mostSizes = 4;

/** Runs pictures in batches of one input size; each one's outputs, in order, with a batch of 1. */
export async function runBatches(session: Session, work: Work): Promise<Tensors[]> {
  const { signal } = work;
  const results: Tensors[] = Array(work.count);
  const waiting = new Map<string, Waiting[]>();
  const run = async (size: string) => {
    const group = waiting.get(size) ?? [];
    waiting.delete(size);
    const outputs = await session.run({ image: joined(group.map(({ image }) => image)) }, { signal });
    group.forEach(({ index }, i) => {
      results[index] = group.length === 1 ? outputs : rowOf(outputs, i);
      work.onDone?.();
    });
  };
  for (let index = 0; index < work.count; index++) {
    signal?.throwIfAborted();
    const image = await work.prepare(index);
    const size = image.shape.join();
    const group = waiting.get(size) ?? [];
    waiting.set(size, group);
    group.push({ index, image });
    if (group.length >= work.batch) await run(size);
    else if (waiting.size > mostSizes) await run([...waiting.keys()][0]);
  }
  for (const size of [...waiting.keys()]) await run(size);
  return results;
}

/** Tensors of a batch of 1 as one. */
function joined(images: readonly Tensor<'float32'>[]): Tensor<'float32'> {
  if (images.length === 1) return images[0];
  const length = sizeOf(images[0].shape);
  const data = new Float32Array(length * images.length);
  images.forEach((image, i) => {
    data.set(image.data, i * length);
  });
  return tensor('float32', [images.length, ...images[0].shape.slice(1)], data);
}

/** One picture's part of a batch's outputs. */
const rowOf = (outputs: Tensors, row: number): Tensors =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, { shape, data }]) => {
      const length = sizeOf(shape.slice(1));
      const part = Float32Array.from(data.slice(row * length, (row + 1) * length));
      return [name, tensor('float32', [1, ...shape.slice(1)], part)];
    }),
  );
