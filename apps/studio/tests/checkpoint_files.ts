import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { toSafetensors } from '@atrous/checkpoint';
import { type GoldenName, goldenWeights, loadGolden } from '@atrous/golden';
import type { Tensor } from '@atrous/tensor';
import type { GivenFile } from './studio.ts';

const type = 'application/octet-stream';

/** Weights of a golden network under its original's names: right in their shapes, meaningless otherwise. */
export async function weightsOf(golden: GoldenName): Promise<Record<string, Tensor>> {
  const weights = goldenWeights(await loadGolden(golden));
  return Object.fromEntries(
    await Promise.all(weights.names.map(async (name) => [name, await weights.read(name)] as const)),
  );
}

export const safetensors = async (name: string, weights: Record<string, Tensor>): Promise<GivenFile> => ({
  name,
  type,
  bytes: await toSafetensors(weights),
});

/** Weights in two files, with the index that names them. */
export async function sharded(weights: Record<string, Tensor>): Promise<GivenFile[]> {
  const entries = Object.entries(weights);
  const halves = [entries.slice(0, entries.length >> 1), entries.slice(entries.length >> 1)];
  const names = halves.map((_, i) => `model-0000${i + 1}-of-00002.safetensors`);
  const shards = await Promise.all(halves.map((half, i) => safetensors(names[i], Object.fromEntries(half))));
  const map = halves.flatMap((half, i) => half.map(([name]) => [name, names[i]]));
  const index = JSON.stringify({ metadata: {}, weight_map: Object.fromEntries(map) });
  return [...shards, { name: 'model.safetensors.index.json', type, bytes: Buffer.from(index) }];
}

/** A small file of any format, as the readers' own tests have it: a convolution, a norm and a last layer. */
export async function fixture(path: string): Promise<GivenFile> {
  const file = fileURLToPath(new URL(`../../../packages/checkpoint/fixtures/${path}`, import.meta.url));
  return { name: path.split('/').at(-1)!, type, bytes: await readFile(file) };
}
