import type { Graph } from '@atrous/graph';
import type { LabelMap } from '@atrous/mask';
import { AtrousError, type Session, type Tensor, tensor } from '@atrous/tensor';
import type { Example } from './options.ts';

/** One picture or several of one size, as what learns takes them. */
export interface Batch {
  readonly names: readonly string[];
  /** By the names of the values that cross the cut. */
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly labels: LabelMap;
}

/** The values that cross the cut, for one picture. */
async function encode(
  encoder: Session | undefined,
  learning: Graph,
  { name, image, labels }: Example,
  signal?: AbortSignal,
): Promise<Batch> {
  const values =
    (await encoder?.run({ image }, { signal }).catch((error) => throwWithName(name, error))) ?? {};
  const feeds = Object.fromEntries(
    Object.keys(learning.inputs).map((input) => [input, input === 'image' ? image : values[input]]),
  );
  return { names: [name], feeds, labels };
}

/** Which picture it was. */
function throwWithName(name: string, error: unknown): never {
  if (!(error instanceof AtrousError)) throw error;
  throw new AtrousError(error.code, `${name}: ${error.message}`, { cause: error });
}

export async function encodeAll(
  encoder: Session | undefined,
  learning: Graph,
  examples: readonly Example[],
  signal?: AbortSignal,
): Promise<Batch[]> {
  const all: Batch[] = [];
  for (const example of examples) {
    all.push(await encode(encoder, learning, example, signal));
    signal?.throwIfAborted();
  }
  return all;
}

/** Pictures of one size as one batch. */
export function groupByShape(batches: readonly Batch[]): Batch[] {
  const groups = new Map<string, Batch[]>();
  for (const batch of batches) {
    const { height, width } = batch.labels;
    const key = [height, width, ...Object.values(batch.feeds).map(({ shape }) => shape)].join();
    groups.set(key, [...(groups.get(key) ?? []), batch]);
  }
  return [...groups.values()].map((group) => {
    const [{ feeds, labels }] = group;
    const size = labels.height * labels.width;
    const data = new Uint16Array(group.length * size);
    group.forEach((batch, i) => {
      data.set(batch.labels.data, i * size);
    });
    return {
      names: group.flatMap(({ names }) => names),
      feeds: Object.fromEntries(
        Object.keys(feeds).map((name) => [name, stack(group.map((batch) => batch.feeds[name]))]),
      ),
      labels: { ...labels, data },
    };
  });
}

function stack(parts: readonly Tensor[]): Tensor {
  const [{ shape }] = parts;
  const size = parts[0].data.length;
  const all = tensor('float32', [parts.length * shape[0], ...shape.slice(1)]);
  parts.forEach((part, i) => {
    all.data.set(part.data as Float32Array, i * size);
  });
  return all;
}
