import { AtrousError, describeSpec, type Port } from '@atrous/tensor';
import type { Emitter } from './emitter.ts';

/** How a picture's numbers become what a network takes: `(pixel / 255 · (high − low) + low − mean) / std`. */
export interface Normalization {
  /** What 0 and 255 stand for before mean and std. */
  readonly range: readonly [low: number, high: number];
  /** Per channel, in the order in which the network takes them. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * Adds what normalises pixels of 0 to 255, NCHW, and returns the result's name. Written as `(pixel − offset) / scale`.
 * @throws AtrousError `input` where the numbers do not fit the channels, or divide by zero in float32
 */
export function normalized(
  emitter: Emitter,
  value: string,
  port: Port,
  { range: [low, high], mean, std }: Normalization,
): string {
  const gain = (high - low) / 255;
  const offsets = mean.map((m) => (m - low) / gain);
  const scales = std.map((s) => s / gain);
  const channels = port.shape.length === 4 ? port.shape[3] : undefined;
  const isSound =
    offsets.every((offset) => Number.isFinite(Math.fround(offset))) &&
    scales.every((scale) => Number.isFinite(Math.fround(scale)) && Math.fround(scale) !== 0);
  if (channels !== mean.length || channels !== std.length || !isSound) {
    throw new AtrousError(
      'input',
      `normalisation with range ${low}…${high}, mean ${mean.join(', ')} and std ${std.join(', ')} does not fit ${describeSpec(port)}: ` +
        'expected a mean and a std for each channel, and a range and stds that float32 can divide by',
    );
  }
  const shape = [1, channels, 1, 1];
  const centred = emitter.node('Sub', [value, emitter.floats(shape, offsets)], `${value}/centred`);
  return emitter.node('Div', [centred, emitter.floats(shape, scales)], `${value}/normalised`);
}
