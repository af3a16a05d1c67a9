import { clip, parseJson } from '@atrous/checkpoint';
import type { EncoderFamily } from '@atrous/graph';
import type { NamedClass } from '@atrous/mask';
import { AtrousError, messageOf, type ResizeConvention } from '@atrous/tensor';
import * as v from 'valibot';
import { type Architecture, buildNetwork, classesOf } from './architecture.ts';
import { architectureSchema } from './architecture_schema.ts';
import { configSchema } from './config_schema.ts';
import { architecture1Schema } from './config1_schema.ts';
import { families, loadFamily } from './families.ts';
import { issueLines } from './schema_parts.ts';

/** The network's input size for a picture of some size. */
export type InputSize =
  | { readonly mode: 'fixed'; readonly height: number; readonly width: number }
  /** The longest side becomes `pixels`, both sides the nearest multiples. */
  | { readonly mode: 'longest-side'; readonly pixels: number; readonly multipleOf: number }
  /** The shortest side becomes `pixels`, both sides the nearest multiples. */
  | { readonly mode: 'shortest-side'; readonly pixels: number; readonly multipleOf: number }
  /** The picture's own size, both sides the nearest multiples. */
  | { readonly mode: 'original'; readonly multipleOf: number };

/** How a picture becomes the network's input. */
export interface Preprocess {
  readonly size: InputSize;
  /**
   * `stretch`: the picture is stretched to exactly the input size. `pad`: it keeps its ratio, and what is left of the input, to the right and
   * below, is the mean, as DeepLab is evaluated; sides are padded to the next multiples, and label maps are of the picture alone. Or, for a fixed
   * size, its middle is cut out as ImageNet's evaluations do: the shorter side is resized to the input's side / `crop`.
   */
  readonly fit: 'stretch' | 'pad' | { readonly crop: number };
  readonly filter: 'bilinear-antialiased' | 'bilinear';
  readonly channels: 'RGB' | 'BGR' | 'grey';
  /** What 0 and 255 stand for before mean and std. */
  readonly range: readonly [number, number];
  /** A number for each of `channels`, in their order. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** How a file of weights holds them. `int8`: kernels in 8 bits with a scale per output channel. */
export type Precision = 'float32' | 'float16' | 'int8';

/** What a model is loaded for: a browser downloads its weights, Node has them on disk. */
export type PlatformName = 'browser' | 'node';

export interface WeightsFile {
  readonly file: string;
  readonly dtype: Precision;
  readonly bytes: number;
  /** SHA-256 in hex. */
  readonly sha256: string;
}

/** What computing in 8 bits makes of a model, beside float32 on the same pictures. */
export interface Int8Loss {
  /** Whether `compute: 'auto'` takes it. */
  readonly auto: boolean;
  /** The mean IoU less that in float32, in percent: below 0 where it is worse. */
  readonly miou: number;
  /** The share of pixels that keep their label. */
  readonly sameLabels: number;
}

/** `config.json` of a model folder. */
export interface ModelConfig {
  /** What is written. Format 1, which knew Xceptions only, is read as this one. */
  readonly formatVersion: 2;
  readonly name: string;
  readonly task: 'semantic-segmentation' | 'image-classification';
  readonly architecture: Architecture;
  readonly preprocess: Preprocess;
  readonly postprocess: { readonly resize: ResizeConvention };
  readonly labels: readonly NamedClass[];
  /** The id in label maps that means: do not count. */
  readonly ignoreId?: number;
  readonly weights: {
    /** The naming: a row of the table of sources. */
    readonly names: string;
    readonly parameters?: number;
    readonly files: readonly WeightsFile[];
    /** Which precision a platform takes, the first that is there. @default float16 in browsers, float32 in Node */
    readonly order?: Readonly<Partial<Record<PlatformName, readonly Precision[]>>>;
  };
  /** What computing in 8 bits costs this model, as measured. */
  readonly compute?: { readonly int8: Int8Loss };
  readonly data?: string;
  readonly licence?: string;
  readonly scores?: Readonly<Record<string, unknown>>;
  readonly training?: Readonly<Record<string, unknown>>;
}

/** A config, and the network that it describes. */
export interface ParsedConfig {
  readonly config: ModelConfig;
  readonly family: EncoderFamily;
}

/**
 * Checks the text of a `config.json`: every key is known, every number lies within its bound, and the network that it
 * describes can be built. The family that it names is loaded.
 * @param where the file's name, for errors
 * @throws AtrousError `config` that lists what is wrong with it
 */
export async function parseConfig(text: string, where: string): Promise<ParsedConfig> {
  const fail = (why: string, cause?: unknown): never => {
    throw new AtrousError('config', `${where}: ${why}`, { cause });
  };
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (cause) {
    fail(`not JSON: ${clip(messageOf(cause), 200)}`, cause);
  }
  const family = await familyOf(json);
  const isOld = (json as { formatVersion?: unknown } | null)?.formatVersion === 1;
  const schema = isOld ? configSchema(1, architecture1Schema) : configSchema(2, architectureSchema(family));
  const result = v.safeParse(schema, json);
  if (!result.success) {
    return fail(`not a model's config:\n  ${issueLines(result.issues, 'config root').join('\n  ')}`);
  }
  const config: ModelConfig = { ...result.output, formatVersion: 2 };
  const [classes, labels] = [classesOf(config.architecture), config.labels.length];
  if (classes !== labels) fail(`the network has ${classes} classes, but there are ${labels} labels`);
  try {
    buildNetwork(family, config.architecture);
  } catch (cause) {
    fail(messageOf(cause), cause);
  }
  return { config, family };
}

/** The family that a config names; Xception where it names none that there is, which the schema then says. */
function familyOf(json: unknown): Promise<EncoderFamily> {
  const name = (json as { architecture?: { encoder?: { family?: unknown } } } | null)?.architecture?.encoder
    ?.family;
  return loadFamily(typeof name === 'string' && Object.hasOwn(families, name) ? name : 'xception');
}
