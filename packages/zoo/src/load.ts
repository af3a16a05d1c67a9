import { type ByteSource, openSafetensors, readExactly } from '@atrous/checkpoint';
import type { Model, WeightSource } from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';
import { variants } from '@atrous/xception';
import { adaptWeights, checkpointNames } from './adapt.ts';
import {
  type Architecture,
  type ArchitectureOptions,
  buildNetwork,
  parseNetworkName,
} from './architecture.ts';
import { type ModelConfig, parseConfig, type WeightsFile } from './config.ts';
import type { ModelFiles, OpenOptions } from './files.ts';
import { findSource } from './sources/index.ts';
import type { CheckpointSource } from './sources/source.ts';

/** A model, and what is known of it. */
export interface LoadedModel extends Model {
  readonly architecture: Architecture;
  /** The source that the weights were read as. */
  readonly source: string;
  /** Weights in the file that the network does not have. */
  readonly ignored: readonly string[];
  /** Of a model folder. */
  readonly config?: ModelConfig;
}

export interface LoadFolderOptions extends Pick<OpenOptions, 'onProgress' | 'signal'> {
  /** Which weights file to take; of several, the first that is there. @default 'float32' */
  readonly precision?: WeightsFile['dtype'] | readonly WeightsFile['dtype'][];
}

export interface LoadCheckpointOptions {
  /** e.g. `deeplabv3plus-xception65` */
  readonly network: string;
  /** A row of the table of sources. @default recognised from the weights' names */
  readonly source?: string;
  /** What differs from the source's conventions. The class count comes from the checkpoint. */
  readonly options?: ArchitectureOptions;
}

const largestConfig = 1 << 22;

/**
 * A model folder: `config.json` and the weights that it names.
 * @throws AtrousError `not-found`, `config`, `integrity`, `format`, `weights`
 */
export async function loadModelFiles(
  files: ModelFiles,
  options: LoadFolderOptions = {},
): Promise<LoadedModel & { config: ModelConfig }> {
  const { precision = 'float32', onProgress, signal } = options;
  const bytes = await files.open('config.json', { signal });
  if (bytes.size > largestConfig)
    throw new AtrousError('config', `${bytes.name}: ${bytes.size} bytes is too large for a config`);
  const text = new TextDecoder().decode(await readExactly(bytes, 0, bytes.size));
  const config = parseConfig(text, bytes.name);
  const wanted = [precision].flat();
  const candidates = wanted.flatMap(
    (dtype) => config.weights.files.find((file) => file.dtype === dtype) ?? [],
  );
  if (candidates.length === 0) {
    const there = config.weights.files.map(({ dtype }) => dtype).join(', ');
    throw new AtrousError(
      'not-found',
      `${bytes.name}: no weights in ${wanted.join(' or ')}, only in ${there}`,
    );
  }
  const weights = await openSafetensors(await openFirst(files, candidates, { onProgress, signal }));
  const source = findSource(weights, config.weights.names);
  return { ...assemble(config.architecture, weights, source), config };
}

/** The first of several weights files that is there. @throws AtrousError what the first one's lack is, where none is */
async function openFirst(
  files: ModelFiles,
  candidates: readonly WeightsFile[],
  options: Pick<OpenOptions, 'onProgress' | 'signal'>,
): Promise<ByteSource> {
  let missing: AtrousError | undefined;
  for (const file of candidates) {
    try {
      return await files.open(file.file, { ...options, expected: file });
    } catch (error) {
      if (!(error instanceof AtrousError) || error.code !== 'not-found') throw error;
      missing ??= error;
    }
  }
  throw missing;
}

/**
 * A bare checkpoint, as the network that it is said to be.
 * @throws AtrousError `input`, `format`, `weights`
 */
export async function loadCheckpoint(
  bytes: ByteSource,
  options: LoadCheckpointOptions,
): Promise<LoadedModel> {
  return modelFromWeights(await openSafetensors(bytes), options);
}

/** Weights under a source's names, as the network that they are said to be. */
export function modelFromWeights(weights: WeightSource, options: LoadCheckpointOptions): LoadedModel {
  const source = findSource(weights, options.source);
  const named = parseNetworkName(options.network);
  const conventions = source.conventions[variants[named.encoder].style];
  const architecture: Architecture = { ...conventions, ...definedOnly(options.options), ...named };
  const classes = countClasses(architecture, weights, source);
  const asked = options.options?.classes;
  if (asked !== undefined && asked !== 0 && asked !== classes) {
    throw new AtrousError(
      'input',
      `${asked} classes asked for, but the checkpoint has ${classes}: leave the number out`,
    );
  }
  return assemble({ ...architecture, classes: asked ?? classes }, weights, source);
}

const definedOnly = (options: ArchitectureOptions = {}): ArchitectureOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** The length of the last layer's bias; 0 where the checkpoint has none. */
function countClasses(architecture: Architecture, weights: WeightSource, source: CheckpointSource): number {
  const graph = buildNetwork({ ...architecture, classes: 1 });
  const key = architecture.head === 'classifier' ? 'head/bias' : 'classifier/bias';
  const names = checkpointNames(graph, source, variants[architecture.encoder].style).get(key) ?? [];
  const name = names.find((candidate) => weights.names.includes(candidate));
  return name === undefined ? 0 : (weights.spec(name).shape[0] ?? 0);
}

function assemble(architecture: Architecture, weights: WeightSource, source: CheckpointSource): LoadedModel {
  const graph = buildNetwork(architecture);
  const adapted = adaptWeights(graph, weights, source, architecture);
  return { graph, weights: adapted.weights, ignored: adapted.ignored, architecture, source: source.name };
}
