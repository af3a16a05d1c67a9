import { AtrousError, messageOf, type ResizeConvention, resizeConventions } from '@atrous/tensor';
import { variantNames } from '@atrous/xception';
import * as v from 'valibot';
import { type Architecture, classesOf } from './architecture.ts';

export interface Label {
  /** The class id: its place in the list. */
  readonly id: number;
  readonly name: string;
  /** `#rrggbb` */
  readonly color: string;
}

/** The network's input size for a picture of some size. */
export type InputSize =
  | { readonly mode: 'fixed'; readonly height: number; readonly width: number }
  /** The longest side becomes `pixels`, both sides the nearest multiples. */
  | { readonly mode: 'longest-side'; readonly pixels: number; readonly multipleOf: number }
  /** The picture's own size, both sides the nearest multiples. */
  | { readonly mode: 'original'; readonly multipleOf: number };

/** How a picture becomes the network's input. */
export interface Preprocess {
  readonly size: InputSize;
  /** The picture is stretched to exactly the input size, never padded. */
  readonly fit: 'stretch';
  readonly filter: 'bilinear-antialiased' | 'bilinear';
  readonly channels: 'RGB' | 'BGR';
  /** What 0 and 255 stand for before mean and std. */
  readonly range: readonly [number, number];
  /** In the order of `channels`. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

export interface WeightsFile {
  readonly file: string;
  /** `int8`: kernels in 8 bits with a scale per output channel. */
  readonly dtype: 'float32' | 'float16' | 'int8';
  readonly bytes: number;
  /** SHA-256 in hex. */
  readonly sha256: string;
}

/** `config.json` of a model folder. */
export interface ModelConfig {
  readonly formatVersion: 1;
  readonly name: string;
  readonly task: 'semantic-segmentation';
  readonly architecture: Architecture;
  readonly preprocess: Preprocess;
  readonly postprocess: { readonly resize: ResizeConvention };
  readonly labels: readonly Label[];
  /** The id in label maps that means: do not count. */
  readonly ignoreId?: number;
  readonly weights: {
    /** The naming: a row of the table of sources. */
    readonly names: string;
    readonly parameters?: number;
    readonly files: readonly WeightsFile[];
  };
  readonly data?: string;
  readonly licence?: string;
  readonly scores?: Readonly<Record<string, unknown>>;
  readonly training?: Readonly<Record<string, unknown>>;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const positive = v.pipe(v.number(), v.gtValue(0));
const triple = v.tuple([v.number(), v.number(), v.number()]);
const convention = v.picklist(resizeConventions);

const paddingName = v.picklist(['symmetric', 'same']);

const architecture = v.object({
  head: v.picklist(['classifier', 'deeplabv3', 'deeplabv3plus']),
  encoder: v.picklist(variantNames),
  classes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  outputStride: v.optional(v.picklist([8, 16, 32])),
  widthMultiplier: v.optional(positive),
  channelDivisor: v.optional(count),
  padding: v.optional(
    v.union([
      paddingName,
      v.object({
        stem: v.optional(v.picklist(['symmetric', 'same', 'valid'])),
        pool: v.optional(paddingName),
      }),
    ]),
  ),
  batchNormEpsilon: v.optional(
    v.union([positive, v.object({ encoder: v.optional(positive), head: v.optional(positive) })]),
  ),
  separableActivation: v.optional(v.picklist(['none', 'relu', 'relu6', 'elu'])),
  residual: v.optional(v.boolean()),
  multiGrid: v.optional(v.array(count)),
  resize: v.optional(convention),
  aspp: v.optional(
    v.object({
      rates: v.optional(v.array(count)),
      channels: v.optional(count),
      concat: v.optional(
        v.array(
          v.custom<'pool' | '1x1' | `rate${number}`>(
            (name) => /^(pool|1x1|rate\d+)$/.test(String(name)),
            'expected pool, 1x1 or rate0, rate1, …',
          ),
        ),
      ),
      separable: v.optional(v.boolean()),
    }),
  ),
  decoder: v.optional(
    v.object({
      lowLevel: v.optional(v.object({ endpoint: v.optional(v.string()), relu: v.boolean() })),
      lowLevelChannels: v.optional(count),
      channels: v.optional(count),
      convolutions: v.optional(count),
    }),
  ),
});

const preprocess = v.object({
  size: v.variant('mode', [
    v.object({ mode: v.literal('fixed'), height: count, width: count }),
    v.object({ mode: v.literal('longest-side'), pixels: count, multipleOf: v.optional(count, 1) }),
    v.object({ mode: v.literal('original'), multipleOf: v.optional(count, 1) }),
  ]),
  fit: v.optional(v.literal('stretch'), 'stretch'),
  filter: v.optional(v.picklist(['bilinear-antialiased', 'bilinear']), 'bilinear-antialiased'),
  channels: v.optional(v.picklist(['RGB', 'BGR']), 'RGB'),
  range: v.optional(v.tuple([v.number(), v.number()]), [0, 255]),
  mean: triple,
  std: v.pipe(
    triple,
    v.check((std) => std.every((value) => value !== 0), 'expected no zero'),
  ),
});

const schema = v.object({
  formatVersion: v.literal(1),
  name: v.string(),
  task: v.literal('semantic-segmentation'),
  architecture,
  preprocess,
  postprocess: v.optional(v.object({ resize: v.optional(convention, 'half-pixel') }), {
    resize: 'half-pixel',
  }),
  labels: v.pipe(
    v.array(
      v.object({
        id: v.pipe(v.number(), v.integer(), v.minValue(0)),
        name: v.string(),
        color: v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/i, 'expected #rrggbb')),
      }),
    ),
    v.nonEmpty('expected at least one label'),
    v.check((labels) => labels.every(({ id }, i) => id === i), 'expected the ids 0, 1, 2, … in order'),
  ),
  ignoreId: v.optional(v.number()),
  weights: v.object({
    names: v.string(),
    parameters: v.optional(count),
    files: v.pipe(
      v.array(
        v.object({
          file: v.pipe(v.string(), v.regex(/^[\w.-]+$/, 'expected a plain file name')),
          dtype: v.picklist(['float32', 'float16', 'int8']),
          bytes: count,
          sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits')),
        }),
      ),
      v.nonEmpty('expected at least one file'),
    ),
  }),
  data: v.optional(v.string()),
  licence: v.optional(v.string()),
  scores: v.optional(v.record(v.string(), v.unknown())),
  training: v.optional(v.record(v.string(), v.unknown())),
});

/**
 * Checks the text of a `config.json`.
 * @param where the file's name, for errors
 * @throws AtrousError `config` that lists everything that is wrong with it
 */
export function parseConfig(text: string, where: string): ModelConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AtrousError('config', `${where}: not JSON: ${messageOf(cause)}`, { cause });
  }
  const result = v.safeParse(schema, json);
  if (!result.success) {
    const issues = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
    throw new AtrousError('config', `${where}: not a model's config:\n  ${issues.join('\n  ')}`);
  }
  const config: ModelConfig = result.output;
  const classes = classesOf(config.architecture);
  if (classes !== config.labels.length) {
    const labels = config.labels.length;
    throw new AtrousError(
      'config',
      `${where}: the network has ${classes} classes, but there are ${labels} labels`,
    );
  }
  return config;
}
