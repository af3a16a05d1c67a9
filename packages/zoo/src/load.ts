import {
  type ByteSource,
  type Checkpoint,
  type ModelFiles,
  openCheckpoint,
  parseJson,
} from '@atrous/checkpoint';
import type { EncoderFamily, Model, WeightSource } from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';
import * as v from 'valibot';
import type { Architecture, NetworkOptions } from './architecture.ts';
import { architectureSchema } from './architecture_schema.ts';
import type { ModelConfig, Precision } from './config.ts';
import { loadFamily } from './families.ts';
import { type Recognised, readAs } from './read_as.ts';
import { readOwn } from './read_own.ts';
import type { OtherReading } from './readings.ts';
import { recogniseSaid } from './recognise.ts';
import { issueLines } from './schema_parts.ts';
import { sourceNamed } from './sources/index.ts';
import { own } from './sources/own.ts';
import { type PixelValues, pixels } from './sources/pixels.ts';

/** A model, and what is known of it. */
export interface LoadedModel extends Model {
  readonly architecture: Architecture;
  /** Of its encoder. */
  readonly family: EncoderFamily;
  /** The source that the weights were read as. */
  readonly source: string;
  /** What its pictures are before they enter, as the source has them. A config's word is above it. */
  readonly pixels: PixelValues;
  /** What stood before the source's names in the file, e.g. `module.`. */
  readonly wrapper: string;
  /** How many of the file's tensors the network has. */
  readonly used: number;
  /** Names in the file that the network does not have. */
  readonly ignored: readonly string[];
  /** Other readings that names and shapes allow as well: say `source` where the first is not the right one. */
  readonly alsoFits?: readonly OtherReading[];
  /** Of a model folder. */
  readonly config?: ModelConfig;
  /** Which of a model folder's files was taken. */
  readonly precision?: Precision;
}

export interface LoadCheckpointOptions {
  /** e.g. `deeplabv3plus-xception65`. @default recognised from the weights' names and shapes */
  readonly network?: string;
  /** A row of the table of sources. @default recognised from the weights' names */
  readonly source?: string;
  /** What differs from the source's conventions. The class count comes from the checkpoint. */
  readonly options?: NetworkOptions;
}

/**
 * A bare checkpoint, as the network that it holds.
 * @param files the files beside it, for checkpoints of several
 * @throws AtrousError `input`, `format`, `weights`
 */
export async function loadCheckpoint(
  bytes: ByteSource,
  options: LoadCheckpointOptions = {},
  files?: ModelFiles,
): Promise<LoadedModel> {
  return modelFromWeights(await openCheckpoint(bytes, { files }), options);
}

/** Weights under a source's names, as the network that they are of. @throws AtrousError `input`, `weights` */
export async function modelFromWeights(
  weights: WeightSource,
  { network, source, options }: LoadCheckpointOptions = {},
): Promise<LoadedModel> {
  const said = network === undefined && source === undefined ? await saidArchitecture(weights) : undefined;
  if (said) return assemble(said.family, overridden(said.architecture, options), weights, own.name);
  return loaded(await recogniseSaid(weights, { network, source, options }));
}

/** An architecture with what differs from it. */
function overridden(
  architecture: Architecture,
  { outputStride, classes }: NetworkOptions = {},
): Architecture {
  return {
    ...architecture,
    ...(outputStride !== undefined && { outputStride }),
    ...(classes === 0 && { classes }),
  };
}

/**
 * What a file of ours says of its network in its metadata.
 * @throws AtrousError `format` for what describes no network
 */
async function saidArchitecture(
  weights: Partial<Checkpoint>,
): Promise<{ family: EncoderFamily; architecture: Architecture } | undefined> {
  const text = weights.metadata?.architecture;
  if (text === undefined) return undefined;
  const json = parseJson(text) as Architecture;
  const family = await loadFamily(String(json?.encoder?.family));
  const { success, issues, output } = v.safeParse(architectureSchema(family), json);
  if (success) return { family, architecture: output };
  const lines = issueLines(issues, 'architecture').join('; ');
  throw new AtrousError('format', `the file's own word on its network is none: ${lines}`);
}

/** A network with its weights, read as a source's. */
export function assemble(
  family: EncoderFamily,
  architecture: Architecture,
  weights: WeightSource,
  source: string,
): LoadedModel {
  const said = sourceNamed(source);
  const asTheyLie = said === own ? readOwn(weights, family, architecture) : undefined;
  return loaded(asTheyLie ?? readAs(weights, said, family, architecture));
}

/** Our own names say nothing of pictures: those of one channel are grey. */
const pixelsOf = ({ encoder, family, architecture }: Recognised): PixelValues =>
  family.variants[architecture.encoder.variant].channels === 1 ? pixels.grey : pixels[encoder.pixels];

const loaded = (found: Recognised): LoadedModel => ({
  graph: found.graph,
  weights: found.weights,
  architecture: found.architecture,
  family: found.family,
  source: found.source.name,
  pixels: pixelsOf(found),
  wrapper: found.wrapper,
  used: found.used,
  ignored: found.ignored,
  alsoFits: found.alsoFits,
});
