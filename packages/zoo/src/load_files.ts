import { type ByteSource, type ModelFiles, openCheckpoint, piecesOf } from '@atrous/checkpoint';
import type { EncoderFamily } from '@atrous/graph';
import { AtrousError, messageOf } from '@atrous/tensor';
import { keep } from './cache.ts';
import {
  type ModelConfig,
  type PlatformName,
  type Precision,
  parseConfig,
  type WeightsFile,
} from './config.ts';
import type { ModelFile, ModelFolder, OpenOptions } from './files.ts';
import { assemble, type LoadCheckpointOptions, type LoadedModel, loadCheckpoint } from './load.ts';
import { forwardOnly } from './progress.ts';
import { wait } from './wait.ts';

interface LoadOptions extends Pick<OpenOptions, 'onProgress' | 'signal'> {
  /** Called with the reason where a model comes out of the cache because the one online cannot be used. */
  readonly onWarning?: (warning: AtrousError) => void;
}

export interface LoadFolderOptions extends LoadOptions {
  /** Which weights to take; of several, the first that is there. @default the order of the config for the platform */
  readonly precision?: Precision | readonly Precision[];
  /** Whose order counts where `precision` is not given. @default 'node' */
  readonly platform?: PlatformName;
}

/** What is taken where a config has no order: half as much to download, and no pixel's class to speak of changes. */
const usualOrder: Readonly<Record<PlatformName, readonly Precision[]>> = {
  browser: ['float16', 'float32', 'int8'],
  node: ['float32', 'float16', 'int8'],
};

/** Of a `config.json`, in bytes: 4 MiB. */
const largestConfig = 1 << 22;

/** A `config.json` that was read. */
interface Version {
  readonly file: ModelFile;
  readonly config: ModelConfig;
  readonly family: EncoderFamily;
}

type ConfiguredModel = LoadedModel & { readonly config: ModelConfig };

/**
 * A model folder: `config.json` and the weights that it names. Where files have a cache: weights are taken from it while
 * their checksum is the one that the newest config asks for, and the last version that was whole serves when the newest
 * cannot be read. A version is kept when all of it was read, checked and found to fit.
 * @throws AtrousError `not-found`, `config`, `integrity`, `format`, `weights`
 */
export async function loadModelFiles(
  files: ModelFolder,
  given: LoadFolderOptions = {},
): Promise<ConfiguredModel> {
  const options = { ...given, onProgress: given.onProgress && forwardOnly(given.onProgress) };
  let newest: Version | undefined;
  return newestOrKept(
    async () => {
      newest = await readConfig(
        await files.open('config.json', { signal: given.signal, limit: largestConfig }),
      );
      return loadVersion(files, newest, options);
    },
    async () => {
      const kept = await keptConfig(files, given.signal);
      // weights for an older config than the one that is online are not there any more, or are what was just refused
      return kept && loadVersion(newest ? onlyKept(files) : files, kept, options, true);
    },
    given,
  );
}

/**
 * A bare checkpoint by its name among files. Without a checksum nobody knows whether a copy is still the newest, so the
 * cache serves where the file cannot be downloaded or read, and only there. Downloads end at 4 GiB.
 * @param beside the files that it may name, for checkpoints of several
 * @throws AtrousError `not-found`, `integrity`, `input`, `format`, `weights`
 */
export async function loadCheckpointFile(
  files: ModelFolder,
  name: string,
  options: LoadCheckpointOptions & LoadOptions,
  beside?: ModelFiles,
): Promise<LoadedModel> {
  const { onProgress, signal } = options;
  return newestOrKept(
    async () => {
      const file = await files.open(name, { onProgress, signal });
      const model = await loadCheckpoint(file, options, beside);
      await wait(keep(file), { signal });
      return model;
    },
    async () => {
      const copy = await files.kept?.open(name, { signal });
      return copy && loadCheckpoint(copy, options, beside);
    },
    options,
  );
}

/** The newest; where that fails, what the cache has, with a warning; where it has nothing, what the newest failed with. */
async function newestOrKept<T>(
  newest: () => Promise<T>,
  kept: () => Promise<T | undefined>,
  { signal, onWarning }: LoadOptions,
): Promise<T> {
  try {
    return await newest();
  } catch (error) {
    const copy = await kept().catch(() => undefined);
    signal?.throwIfAborted();
    if (!copy) throw error;
    const code = error instanceof AtrousError ? error.code : 'runtime';
    onWarning?.(
      new AtrousError(code, `${messageOf(error)}; the model in the cache is used instead`, { cause: error }),
    );
    return copy;
  }
}

async function readConfig(file: ModelFile): Promise<Version> {
  if (file.size > largestConfig) {
    throw new AtrousError(
      'config',
      `${file.name}: ${file.size} bytes, a config has at most ${largestConfig}`,
    );
  }
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of piecesOf(file)) text += decoder.decode(piece, { stream: true });
  text += decoder.decode();
  return { file, ...(await parseConfig(text, file.name)) };
}

/** The config in the cache. One that is none, as older versions may have kept, is forgotten. */
async function keptConfig({ kept }: ModelFolder, signal?: AbortSignal): Promise<Version | undefined> {
  const file = await kept?.open('config.json', { signal });
  if (!file) return undefined;
  return readConfig(file).catch(async () => {
    await kept?.drop('config.json');
    return undefined;
  });
}

/** The model of a config, which is kept when it is whole. */
async function loadVersion(
  files: ModelFolder,
  { file, config, family }: Version,
  options: LoadFolderOptions,
  isKept = false,
): Promise<ConfiguredModel> {
  const { platform = 'node', signal } = options;
  const { files: listed, order } = config.weights;
  const usual = [...(order?.[platform] ?? []), ...usualOrder[platform]];
  const wanted = [...new Set([options.precision ?? usual].flat())];
  const candidates = wanted.flatMap((dtype) => listed.find((weights) => weights.dtype === dtype) ?? []);
  if (candidates.length === 0) {
    const there = listed.map(({ dtype }) => dtype).join(', ');
    throw new AtrousError(
      'not-found',
      `${file.name}: no weights in ${wanted.join(' or ')}, only in ${there}`,
    );
  }
  const { bytes, precision } = await openFirst(candidates, (weights) =>
    openWeights(files, weights, options, isKept),
  );
  const weights = await openCheckpoint(bytes);
  const model = {
    ...assemble(family, config.architecture, weights, config.weights.names),
    config,
    precision,
  };
  await wait(keep(bytes, file), { signal });
  return model;
}

/** The first of several weights files that is there. @throws AtrousError what the first one's lack is, where none is */
async function openFirst(
  candidates: readonly WeightsFile[],
  open: (weights: WeightsFile) => Promise<ModelFile>,
): Promise<{ bytes: ModelFile; precision: Precision }> {
  let missing: AtrousError | undefined;
  for (const file of candidates) {
    try {
      return { bytes: await open(file), precision: file.dtype };
    } catch (error) {
      if (!(error instanceof AtrousError) || error.code !== 'not-found') throw error;
      missing ??= error;
    }
  }
  throw missing;
}

/**
 * The copy in the cache where its checksum holds, or else the file itself. A copy that the kept config does not ask for
 * is forgotten; for a newer config it may be what the kept one still needs.
 */
async function openWeights(
  files: ModelFolder,
  weights: WeightsFile,
  { onProgress, signal }: LoadOptions,
  isKeptConfig: boolean,
): Promise<ModelFile> {
  const options = { onProgress, signal, expected: weights };
  let copy: ByteSource | undefined;
  try {
    copy = await files.kept?.open(weights.file, options);
  } catch {
    signal?.throwIfAborted();
    if (isKeptConfig) await files.kept?.drop(weights.file);
  }
  return copy ?? files.open(weights.file, options);
}

/** A model's copies in the cache, without the files themselves. */
const onlyKept = ({ name, kept }: ModelFolder): ModelFolder => ({
  name,
  kept,
  open: (file) => Promise.reject(new AtrousError('not-found', `${name}: ${file} is not in the cache`)),
});
