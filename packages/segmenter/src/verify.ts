import { cost, type Runtime, type RuntimeOptions } from '@atrous/graph';
import { labelMap } from '@atrous/mask';
import { AtrousError, messageOf, type Tensor, unknownName } from '@atrous/tensor';
import { describeModel, type LoadedModel, type ModelDescription, type ModelLocation } from '@atrous/zoo';
import { checkLoad } from './arguments.ts';
import type { PictureOptions } from './limit.ts';
import type { Pixels } from './pixels.ts';
import { prepare } from './prepare.ts';
import { type RuntimeTable, tableOf } from './runtimes.ts';
import type { Platform, SegmenterOptions } from './segmenter.ts';

export interface VerifyOptions extends Omit<SegmenterOptions, 'runtime'>, PictureOptions {
  /** Names of runtimes. @default all: our own, and those of `runtimes` */
  readonly only?: readonly string[];
  /** What the others are compared with. @default the reference where the network is small, else the first that is available */
  readonly baseline?: string;
  /** After each runtime. */
  readonly onReport?: (report: RuntimeReport) => void;
}

/** One runtime beside the others. */
export interface RuntimeReport {
  readonly runtime: string;
  /** Why it gave nothing. */
  readonly reason?: string;
  readonly isBaseline: boolean;
  /** Of the logits against the baseline's, relative to the baseline's largest. */
  readonly largestDifference?: number;
  readonly meanDifference?: number;
  /** Share of the picture's pixels whose class is another. */
  readonly differingPixels?: number;
  /** Of the second run. */
  readonly milliseconds?: number;
  /** By how much the process grew; undefined in browsers, which do not say. */
  readonly bytes?: number;
}

export interface Verification {
  readonly model: string;
  readonly height: number;
  readonly width: number;
  readonly baseline: string;
  readonly reports: readonly RuntimeReport[];
}

/** The reference takes some seconds for this many multiply-adds. */
const smallNetwork = 3e9;

/** A picture of waves in all colours, for those who have none. */
export function wavesPicture(height = 360, width = 480): Pixels {
  const data = new Uint8Array(height * width * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      data[i] = 127.5 + 127 * Math.sin(x / 17 + y / 41);
      data[i + 1] = 127.5 + 127 * Math.sin(x / 53 - y / 29);
      data[i + 2] = 127.5 + 127 * Math.sin((x * y) / 4096);
    }
  }
  return { height, width, data };
}

interface Run {
  readonly logits: Tensor;
  readonly milliseconds: number;
  readonly bytes?: number;
}

/** `verify` for one platform. */
export function verifierFor<Picture>(platform: Platform<Picture>) {
  return async (
    location: ModelLocation,
    picture?: Picture,
    options: VerifyOptions = {},
  ): Promise<Verification> => {
    checkLoad(location, options);
    const { signal, maxPixels } = options;
    const model = await platform.loadModel(location, options);
    const config = await describeModel(model, String(location));
    const pixels =
      picture === undefined ? wavesPicture() : await platform.readPicture(picture, { signal, maxPixels });
    const image = prepare(pixels, config.preprocess);
    const table = tableOf(platform.runtimes, options.runtimes);
    const isSmall = cost(model.graph, { image: image.shape }).multiplyAdds < smallNetwork;
    const names = order(table, options, isSmall);
    const reports: RuntimeReport[] = [];
    let baseline: { name: string; logits: Tensor; labels: ArrayLike<number> } | undefined;
    for (const name of names) {
      signal?.throwIfAborted();
      const outcome = await tryRun(table, name, model, image, options, platform.memory).catch((error) => {
        signal?.throwIfAborted();
        return { reason: messageOf(error) };
      });
      let report: RuntimeReport;
      if ('reason' in outcome) report = { runtime: name, isBaseline: false, reason: outcome.reason };
      else {
        const labels = labelsOf(outcome.logits, pixels, config);
        baseline ??= { name, logits: outcome.logits, labels };
        const { milliseconds, bytes } = outcome;
        const differences = compareLogits(outcome.logits, baseline.logits);
        const differingPixels = shareOfDifferences(labels, baseline.labels);
        const isBaseline = baseline.name === name;
        report = { runtime: name, isBaseline, ...differences, differingPixels, milliseconds, bytes };
      }
      reports.push(report);
      options.onReport?.(report);
      if (name === options.baseline && !baseline) break; // what was asked for is never replaced
    }
    if (!baseline) {
      const reasons = reports.map(({ runtime, reason }) => `${runtime}: ${reason}`).join('; ');
      throw new AtrousError('unavailable', `nothing to compare with: ${reasons}`);
    }
    const { height, width } = pixels;
    return { model: config.name, height, width, baseline: baseline.name, reports };
  };
}

/** The baseline first. @throws AtrousError `input` for an unknown name */
function order(table: RuntimeTable, { only, baseline }: VerifyOptions, isSmall: boolean): string[] {
  const all = Object.keys(table.runtimes);
  for (const name of [...(only ?? []), ...(baseline ? [baseline] : [])]) {
    if (!all.includes(name)) throw unknownName('runtime', name, all);
  }
  const first = baseline ?? (isSmall ? 'reference' : undefined);
  const rest = (only ?? all.filter((name) => isSmall || name !== 'reference')).filter(
    (name) => name !== first,
  );
  return first ? [first, ...rest] : [...rest];
}

async function tryRun(
  table: RuntimeTable,
  name: string,
  model: LoadedModel,
  image: Tensor,
  options: RuntimeOptions & { signal?: AbortSignal },
  memory?: () => number,
): Promise<Run | { reason: string }> {
  const { signal } = options;
  const before = memory?.();
  const runtime: Runtime = await table.runtimes[name](options);
  const available = await runtime.available();
  if (available !== true) return available;
  const session = await runtime.load(model, { outputs: ['logits'], signal });
  try {
    await session.run({ image }, { signal });
    const began = performance.now();
    const { logits } = await session.run({ image }, { signal });
    const milliseconds = performance.now() - began;
    const bytes = memory && before !== undefined ? Math.max(0, memory() - before) : undefined;
    return { logits, milliseconds, bytes };
  } finally {
    await session.dispose();
  }
}

function labelsOf(
  logits: Tensor,
  { height, width }: Pixels,
  { postprocess }: ModelDescription,
): ArrayLike<number> {
  return labelMap(logits, { height, width, resize: postprocess.resize }).labels.data;
}

function compareLogits(
  actual: Tensor,
  expected: Tensor,
): { largestDifference: number; meanDifference: number } {
  let largest = 0;
  let sum = 0;
  let scale = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const difference = Math.abs(actual.data[i] - expected.data[i]);
    if (!(difference <= largest)) largest = difference; // NaN shows
    sum += difference;
    scale = Math.max(scale, Math.abs(expected.data[i]));
  }
  const unit = scale || 1;
  return { largestDifference: largest / unit, meanDifference: sum / expected.data.length / unit };
}

function shareOfDifferences(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) count++;
  return count / a.length;
}
