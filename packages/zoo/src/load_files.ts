import { type ByteSource, type ModelFiles, openCheckpoint, piecesOf } from '@atrous/checkpoint';
import type { EncoderFamily, WeightSource } from '@atrous/graph';
import { AtrousError, messageOf } from '@atrous/tensor';
import { keep } from './cache.ts';
import {
  type ModelConfig,
  type PlatformName,
  type Precision,
  parseConfig,
  type WeightsFile,
} from './config.ts';
import { verify } from './integrity.ts';
import { assemble, type LoadCheckpointOptions, type LoadedModel, loadCheckpoint } from './load.ts';
import type { ModelFile, ModelFolder, OpenOptions } from './model_folder.ts';
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
  /**
   * When the checksum of weights in the cache is looked at: as the model is loaded, or as its first weight is read, for runtimes that may have
   * kept what they made of them. A copy that is damaged is replaced either way. @default 'load'
   */
  readonly verify?: 'load' | 'read';
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

/** The weights that a config lists, those that are wanted first. @throws AtrousError `not-found` where it has none of them */
function candidatesOf({ file, config }: Version, options: LoadFolderOptions): readonly WeightsFile[] {
  const { platform = 'node' } = options;
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
  return candidates;
}

/** What a config and a file of weights make. */
async function modelOf(
  { config, family }: Version,
  bytes: ByteSource,
  { dtype, sha256 }: WeightsFile,
): Promise<ConfiguredModel> {
  const { names } = config.weights;
  const model = assemble(family, config.architecture, await openCheckpoint(bytes), names);
  return { ...model, weights: { ...model.weights, id: `${sha256} ${names}` }, config, precision: dtype };
}

/** The model of a config, which is kept when it is whole. */
async function loadVersion(
  files: ModelFolder,
  version: Version,
  options: LoadFolderOptions,
  isKept = false,
): Promise<ConfiguredModel> {
  const { signal, verify: when } = options;
  const candidates = candidatesOf(version, options);
  if (when === 'read') {
    const unread = await unreadCopy(files, version, candidates[0], options).catch(() => undefined);
    signal?.throwIfAborted();
    if (unread) return unread;
  }
  const { bytes, weights } = await openFirst(candidates, (weights) =>
    openWeights(files, weights, options, isKept),
  );
  const model = await modelOf(version, bytes, weights);
  await wait(keep(bytes, version.file), { signal });
  return model;
}

/**
 * The model of a copy in the cache, of which only the head was read. The first weight that is read waits for the checksum; where that is
 * another one, weights come from where `loadVersion` has them.
 * @returns undefined where there is no copy that could be it
 */
async function unreadCopy(
  files: ModelFolder,
  version: Version,
  expected: WeightsFile,
  options: LoadFolderOptions,
): Promise<ConfiguredModel | undefined> {
  const copy = await files.kept?.open(expected.file, { signal: options.signal });
  if (copy?.size !== expected.bytes) return undefined;
  const model = await modelOf(version, copy, expected);
  await wait(keep(copy, version.file), { signal: options.signal });
  const sound = async (): Promise<WeightSource> => {
    // a load that was over before does not end what begins now
    const signal = options.signal?.aborted ? undefined : options.signal;
    try {
      await verify(copy, { ...options, signal, expected });
      return model.weights;
    } catch {
      signal?.throwIfAborted();
      return (await loadVersion(files, version, { ...options, signal, verify: 'load' })).weights;
    }
  };
  let checked: Promise<WeightSource> | undefined;
  const read = async (name: string) => {
    checked ??= sound();
    return (await checked).read(name);
  };
  return { ...model, weights: { ...model.weights, read } };
}

/** The first of several weights files that is there. @throws AtrousError what the first one's lack is, where none is */
async function openFirst(
  candidates: readonly WeightsFile[],
  open: (weights: WeightsFile) => Promise<ModelFile>,
): Promise<{ bytes: ModelFile; weights: WeightsFile }> {
  let missing: AtrousError | undefined;
  for (const file of candidates) {
    try {
      return { bytes: await open(file), weights: file };
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
