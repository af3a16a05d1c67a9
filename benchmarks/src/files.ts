import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeSafetensors } from '@atrous/checkpoint';
import { writePieces } from '@atrous/checkpoint/node';
import { castToInt8, type Model } from '@atrous/graph';
import { encodeOnnx } from '@atrous/runtime-onnx';
import { encodeTflite } from '@atrous/tflite';
import { describeModel, folderSink, loadModel, saveModel } from '@atrous/zoo';
import type { Measurable } from './networks.ts';

type Pieces = Parameters<typeof writePieces>[1];

/** Each network as the files that its users would have. */
const files: Readonly<Record<string, (model: Model, shape: readonly number[]) => Promise<Pieces> | Pieces>> =
  {
    'float32.safetensors': ({ weights }) => encodeSafetensors(weights),
    'int8.safetensors': (model) => encodeSafetensors(castToInt8(model).weights),
    'folded.onnx': (model) => encodeOnnx(model),
    'float32.tflite': (model, image) => encodeTflite(model, { shapes: { image } }),
    'int8.tflite': (model, image) =>
      encodeTflite(model, { shapes: { image }, precision: 'int8', dynamicRange: true }),
  };

/** Makes the folder of a network a model's folder, whose weights are float32's. */
export async function writeModelFolder(folder: string, { folder: own, network }: Measurable): Promise<void> {
  const at = join(folder, own);
  const model = await loadModel(join(at, 'float32.safetensors'), network.checkpoint);
  await saveModel(folderSink(at), model, await describeModel(model, own), ['float32']);
}

/** Writes the files of all networks, a folder each. */
export async function writeFiles(folder: string, all: readonly Measurable[]): Promise<void> {
  for (const { folder: own, model, network } of all) {
    const at = join(folder, own);
    await mkdir(at, { recursive: true });
    for (const [name, pieces] of Object.entries(files))
      await writePieces(join(at, name), await pieces(model, network.shape));
  }
}
