import type { Layout } from './lower.ts';
import type { Normalization } from './normalize.ts';

/** How a picture becomes the network's input: `preprocess` of a model folder's config. */
export interface DescribedInput extends Normalization {
  /** A rule for the size, e.g. `{ mode: 'longest-side', pixels: 384, multipleOf: 16 }`. */
  readonly size: Readonly<Record<string, unknown>>;
  readonly fit: string | { readonly crop: number };
  readonly filter: string;
  readonly channels: 'RGB' | 'BGR' | 'grey';
}

/** What an ONNX file says about its model, as far as it is known. A model folder's config has all of it. */
export interface OnnxDescription {
  /** @default 'atrous' */
  readonly name?: string;
  readonly task?: string;
  readonly preprocess?: DescribedInput;
  /** How logits are resized before arg-max. */
  readonly postprocess?: { readonly resize: string };
  readonly labels?: readonly { readonly id: number; readonly name: string; readonly color: string }[];
  /** The id in label maps that means: do not count. */
  readonly ignoreId?: number;
  readonly licence?: string;
  /** The network as a row of choices: `architecture` of a model folder's config. */
  readonly architecture?: object;
  /** What the weights were trained on. */
  readonly data?: string;
  /** Where the weights come from, e.g. `{ source: 'keras-deeplab', file: 'model.safetensors', sha256: '…' }`. */
  readonly weights?: Readonly<Record<string, string>>;
  /** The version of Atrous that writes the file. */
  readonly version?: string;
}

/** What of the description an export changes. */
export interface ExportedInput {
  readonly layout: Layout;
  /** Where the size is fixed. */
  readonly size?: { readonly height: number; readonly width: number };
  /** Whether the graph itself normalises. */
  readonly isNormalized: boolean;
}

const asJson = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);

/** The normalisation that whoever feeds the file has to do: none where the graph does it. */
function outside(preprocess: DescribedInput, { isNormalized, size }: ExportedInput): DescribedInput {
  return {
    ...preprocess,
    ...(isNormalized && { range: [0, 255] as const, mean: [0, 0, 0], std: [1, 1, 1] }),
    ...(size && { size: { mode: 'fixed', ...size } }),
  };
}

/**
 * The metadata of an ONNX file by key: words as they are, lists and objects as JSON. What is not known is left out.
 * `mean`, `std` and `range` are what is left to do outside, so that one rule holds for every file.
 */
export function metadataOf(description: OnnxDescription, exported: ExportedInput): Record<string, string> {
  const { preprocess, postprocess, labels, weights } = description;
  const input = preprocess && outside(preprocess, exported);
  const done = exported.isNormalized ? preprocess : undefined;
  const entries: Record<string, string | undefined> = {
    name: description.name,
    task: description.task,
    model_license: description.licence, // the key that ONNX itself names
    training_data: description.data,
    weights: asJson(weights),
    atrous_version: description.version,
    layout: exported.layout,
    channels: input?.channels,
    range: asJson(input?.range),
    mean: asJson(input?.mean),
    std: asJson(input?.std),
    normalized_inside: done && asJson({ range: done.range, mean: done.mean, std: done.std }),
    input_size: asJson(input?.size ?? (exported.size && { mode: 'fixed', ...exported.size })),
    fit: typeof input?.fit === 'object' ? asJson(input.fit) : input?.fit,
    filter: input?.filter,
    resize: postprocess?.resize,
    architecture: asJson(description.architecture),
    labels: asJson(labels?.map(({ id, name, color }) => ({ id, name, color }))),
    ignore_id: asJson(description.ignoreId),
  };
  return Object.fromEntries(
    Object.entries(entries).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The rule from pixels of 0 to 255 to what a network takes, in words. */
function rule({ range: [low, high], mean, std }: Normalization): string {
  const ranged = low === 0 && high === 255 ? 'pixel' : `pixel / 255 * (${high} - ${low}) + ${low}`;
  return `(${ranged} - mean) / std with mean ${mean.join(', ')} and std ${std.join(', ')}`;
}

/** What an input is fed with, in a sentence. */
export function describeInput({ preprocess }: OnnxDescription, exported: ExportedInput): string {
  const axes = `float32 [${[...exported.layout].join(',')}]`;
  if (!preprocess) return `${axes}, normalised as the network was trained`;
  const { channels, filter, fit } = preprocess;
  const described = typeof fit === 'object' ? `the middle ${100 * fit.crop} %` : fit;
  const picture = `${axes}, a picture resized to the input size (${filter}, ${described}), channels ${channels}`;
  if (exported.isNormalized) return `${picture}, pixels of 0 to 255: the graph normalises them`;
  return `${picture}, ${rule(preprocess)}`;
}

/** What an output holds, in a sentence; any other value goes by its name. */
export function describeOutput(name: string, { postprocess, labels }: OnnxDescription): string {
  const classes = labels ? ` of ${labels.length} classes` : '';
  if (name === 'labels') return "the class id of each pixel, at the input's size";
  if (name !== 'logits') return `the network's value ${name}`;
  if (!postprocess) return `scores${classes}`;
  return `scores${classes} at the network's stride: resize them (bilinear, ${postprocess.resize}) to the picture's size, then take the largest`;
}
