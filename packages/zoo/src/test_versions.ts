import type { Model } from '@atrous/graph';
import { tensor } from '@atrous/tensor';
import type { ModelCache } from './cache.ts';
import type { LoadedModel } from './load.ts';
import { saveModel } from './save.ts';
import { tinyConfig, tinyModel } from './test_model.ts';

/** A model's files by name. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** The tiny model with its version in its name and in its weights. */
export async function modelVersion(version: number, config: typeof tinyConfig = tinyConfig): Promise<Files> {
  const model: Model = {
    ...tinyModel,
    weights: {
      ...tinyModel.weights,
      read: async (name) =>
        name === 'classifier/bias'
          ? tensor('float32', [3], new Float32Array(3).fill(version))
          : tinyModel.weights.read(name),
    },
  };
  const files = new Map<string, Uint8Array>();
  const write = async (name: string, pieces: AsyncIterable<Uint8Array>) => {
    const parts: BlobPart[] = [];
    for await (const piece of pieces) parts.push(piece.slice());
    files.set(name, new Uint8Array(await new Blob(parts).arrayBuffer()));
  };
  await saveModel({ write }, model, { ...config, name: `version ${version}` }, ['float32']);
  return files;
}

/** Which version a model is, by its config and by its weights: twice the same, or a pair that never was one. */
export async function versionOf({ config, weights }: LoadedModel): Promise<[string, string]> {
  const { data } = await weights.read('classifier/bias');
  return [String(config?.name), `version ${data[0]}`];
}

/** The two methods that a cache has to have, over a map. */
export function memoryCache(): ModelCache & { readonly entries: Map<string, Blob> } {
  const entries = new Map<string, Blob>();
  return {
    entries,
    async match(url) {
      const blob = entries.get(url);
      return blob && new Response(blob);
    },
    async put(url, response) {
      entries.set(url, await response.blob());
    },
  };
}
