import { type ByteSource, openCheckpoint } from '@atrous/checkpoint';
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
import type { ModelConfig } from './config.ts';
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

export interface LoadCheckpointOptions {
  /** e.g. `deeplabv3plus-xception65` */
  readonly network: string;
  /** A row of the table of sources. @default recognised from the weights' names */
  readonly source?: string;
  /** What differs from the source's conventions. The class count comes from the checkpoint. */
  readonly options?: ArchitectureOptions;
}

/**
 * A bare checkpoint, as the network that it is said to be.
 * @throws AtrousError `input`, `format`, `weights`
 */
export async function loadCheckpoint(
  bytes: ByteSource,
  options: LoadCheckpointOptions,
): Promise<LoadedModel> {
  return modelFromWeights(await openCheckpoint(bytes), options);
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

/** A network with its weights, read as a source's. */
export function assemble(
  architecture: Architecture,
  weights: WeightSource,
  source: CheckpointSource,
): LoadedModel {
  const graph = buildNetwork(architecture);
  const adapted = adaptWeights(graph, weights, source, architecture);
  return { graph, weights: adapted.weights, ignored: adapted.ignored, architecture, source: source.name };
}
