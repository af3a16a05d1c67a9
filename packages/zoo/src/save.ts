import { encodeSafetensors } from '@atrous/checkpoint';
import { castToHalf, castToInt8, type Model } from '@atrous/graph';
import type { ModelConfig, WeightsFile } from './config.ts';
import { checksum } from './integrity.ts';

/** Takes the files of a model, one after the other. */
export interface FileSink {
  write(file: string, pieces: AsyncIterable<Uint8Array>): Promise<void>;
}

const fileNames: Record<WeightsFile['dtype'], string> = {
  float32: 'model.safetensors',
  float16: 'model.fp16.safetensors',
  int8: 'model.int8.safetensors',
};

const casts: Record<WeightsFile['dtype'], (model: Model) => Model> = {
  float32: (model) => model,
  float16: castToHalf,
  int8: castToInt8,
};

/**
 * Writes a model folder: the weights under our own names, in each precision, then `config.json` with their checksums.
 * @returns the config as written
 */
export async function saveModel(
  sink: FileSink,
  model: Model,
  config: Omit<ModelConfig, 'weights'>,
  precisions: readonly WeightsFile['dtype'][] = ['float32', 'float16'],
): Promise<ModelConfig> {
  const files: WeightsFile[] = [];
  for (const dtype of precisions) {
    const { size, pieces } = encodeSafetensors(casts[dtype](model).weights);
    const hash = checksum();
    await sink.write(fileNames[dtype], tap(pieces, hash.update));
    files.push({ file: fileNames[dtype], dtype, bytes: size, sha256: hash.hex() });
  }
  const written: ModelConfig = { ...config, weights: { names: 'atrous', files } };
  const text = `${JSON.stringify(written, null, 1)}\n`;
  await sink.write('config.json', once(new TextEncoder().encode(text)));
  return written;
}

async function* once(piece: Uint8Array): AsyncGenerator<Uint8Array> {
  yield piece;
}

async function* tap(
  pieces: AsyncIterable<Uint8Array>,
  see: (piece: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    see(piece);
    yield piece;
  }
}
