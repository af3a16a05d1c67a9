import type { LabelMap } from '@atrous/mask';
import { bilinearTaps, type Tensor, tensor } from '@atrous/tensor';
import type { Random } from './random.ts';

/** How pictures are varied. */
export interface Augmentation {
  /** Mirror every other picture. @default false */
  readonly flip?: boolean;
  /** Scale by a factor between these. @default [1, 1] */
  readonly scale?: readonly [smallest: number, largest: number];
  /** Cut out this much, at random; what lies outside the picture is grey and does not count. @default the picture */
  readonly crop?: readonly [height: number, width: number];
  /** Change contrast by up to this share, and brightness by up to this much of the network's range. @default 0 */
  readonly color?: number;
}

/** A network's input [1,h,w,3] and its labels, of the same size. */
export interface Sample {
  readonly image: Tensor<'float32'>;
  readonly labels: LabelMap;
}

/** One variation of a picture: mirrored, scaled, cropped, its colours changed. */
export function augment(sample: Sample, how: Augmentation, ignoreId: number, draw: Random): Sample {
  const [, height, width] = sample.image.shape;
  const isFlipped = (how.flip ?? false) && draw.uniform() < 0.5;
  const [smallest, largest] = how.scale ?? [1, 1];
  const scale = smallest + (largest - smallest) * draw.uniform();
  const size = {
    height: Math.max(1, Math.round(height * scale)),
    width: Math.max(1, Math.round(width * scale)),
  };
  const [cropHeight, cropWidth] = how.crop ?? [height, width];
  const top = Math.round((size.height - cropHeight) * draw.uniform());
  const left = Math.round((size.width - cropWidth) * draw.uniform());
  const strength = how.color ?? 0;
  const contrast = 1 + strength * (2 * draw.uniform() - 1);
  const brightness = strength * (2 * draw.uniform() - 1);

  const rows = bilinearTaps('half-pixel', height, size.height);
  const columns = bilinearTaps('half-pixel', width, size.width);
  const image = tensor('float32', [1, cropHeight, cropWidth, 3]);
  const labels = new (sample.labels.data.constructor as Uint8ArrayConstructor)(cropHeight * cropWidth).fill(
    ignoreId,
  );
  for (let y = 0; y < cropHeight; y++) {
    const row = y + top;
    if (row < 0 || row >= size.height) continue;
    const labelRow = Math.min(height - 1, Math.floor(((row + 0.5) * height) / size.height));
    for (let x = 0; x < cropWidth; x++) {
      const across = x + left;
      if (across < 0 || across >= size.width) continue;
      const column = isFlipped ? size.width - 1 - across : across;
      const labelColumn = Math.min(width - 1, Math.floor(((column + 0.5) * width) / size.width));
      labels[y * cropWidth + x] = sample.labels.data[labelRow * width + labelColumn];
      for (let c = 0; c < 3; c++) {
        const at = (r: number, k: number) => sample.image.data[(r * width + k) * 3 + c];
        const [l, r] = [columns.lower[column], columns.upper[column]];
        const upper =
          at(rows.lower[row], l) +
          (at(rows.lower[row], r) - at(rows.lower[row], l)) * columns.fraction[column];
        const lower =
          at(rows.upper[row], l) +
          (at(rows.upper[row], r) - at(rows.upper[row], l)) * columns.fraction[column];
        image.data[(y * cropWidth + x) * 3 + c] =
          (upper + (lower - upper) * rows.fraction[row]) * contrast + brightness;
      }
    }
  }
  return { image, labels: { height: cropHeight, width: cropWidth, data: labels } };
}

/** Labels at another size, by the nearest. */
export function resizeLabels(labels: LabelMap, height: number, width: number): LabelMap {
  if (labels.height === height && labels.width === width) return labels;
  const data = new (labels.data.constructor as Uint8ArrayConstructor)(height * width);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * labels.height) / height);
    for (let x = 0; x < width; x++) {
      data[y * width + x] = labels.data[row * labels.width + Math.floor(((x + 0.5) * labels.width) / width)];
    }
  }
  return { height, width, data };
}
