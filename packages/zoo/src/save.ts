import { briefList, encodeSafetensors } from '@atrous/checkpoint';
import { castToFloat, castToHalf, castToInt8, halfOverflows, type Model } from '@atrous/graph';
import { AtrousError, sizeOf } from '@atrous/tensor';
import type { Architecture } from './architecture.ts';
import type { ModelConfig, Precision, WeightsFile } from './config.ts';
import { sha256 } from './sha256.ts';

/** Takes the files of a model, one after the other. */
export interface FileSink {
  write(file: string, pieces: AsyncIterable<Uint8Array>): Promise<void>;
}

const fileNames: Record<Precision, string> = {
  float32: 'model.safetensors',
  float16: 'model.fp16.safetensors',
  int8: 'model.int8.safetensors',
};

export interface SaveOptions {
  /** Called with the names of the weights that stay float32 in the file of half precision, which cannot hold them. */
  readonly onWarning?: (warning: AtrousError) => void;
  /** Which precision each platform is to take first. */
  readonly order?: ModelConfig['weights']['order'];
}

async function cast(given: Model, dtype: Precision, { onWarning }: SaveOptions): Promise<Model> {
  const model = castToFloat(given);
  if (dtype === 'float32') return model;
  if (dtype === 'int8') return castToInt8(model);
  const kept = await halfOverflows(model.weights);
  if (kept.length > 0) {
    const names = briefList(kept, 5).join(', ');
    onWarning?.(
      new AtrousError('weights', `${fileNames[dtype]}: beyond half precision, kept in float32: ${names}`),
    );
  }
  return castToHalf(model, kept);
}

/** What a file of weights says of its network, so that it is recognised alone. */
export const architectureMetadata = (architecture: Architecture): Record<string, string> => ({
  format: 'atrous',
  architecture: JSON.stringify(architecture),
});

/**
 * Writes a model folder: the weights under our own names, in each precision, then `config.json` with their checksums.
 * @returns the config as written
 */
export async function saveModel(
  sink: FileSink,
  model: Model,
  config: Omit<ModelConfig, 'weights'>,
  precisions: readonly Precision[] = ['float32', 'float16'],
  options: SaveOptions = {},
): Promise<ModelConfig> {
  const files: WeightsFile[] = [];
  for (const dtype of precisions) {
    const { size, pieces } = encodeSafetensors(
      (await cast(model, dtype, options)).weights,
      architectureMetadata(config.architecture),
    );
    const hash = sha256();
    await sink.write(fileNames[dtype], tap(pieces, hash.update));
    files.push({ file: fileNames[dtype], dtype, bytes: size, sha256: hash.hex() });
  }
  const { weights } = castToFloat(model);
  const parameters = weights.names.reduce((sum, name) => sum + sizeOf(weights.spec(name).shape), 0);
  const { order } = options;
  const written: ModelConfig = {
    ...config,
    weights: { names: 'atrous', parameters, files, ...(order && { order }) },
  };
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
