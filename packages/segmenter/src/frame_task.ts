import type { DrawnLook, Pixels } from '@atrous/mask';
import type { FrameInput, FrameTask } from '@atrous/mask/looks';
import type { ModelDescription } from '@atrous/zoo';
import { cropOf } from './padding.ts';
import { placeInput } from './placement.ts';
import { resampleTaps } from './resize.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** How frames of a size become a network's input: the numbers of `prepare`, for whoever does it on a device. */
export type FramePlan = Pick<FrameTask, 'frame' | 'input' | 'crop' | 'resize'>;

/** @throws AtrousError `input` for a crop that cannot be */
export function planFrame(
  frame: Size,
  { preprocess, postprocess }: Pick<ModelDescription, 'preprocess' | 'postprocess'>,
): FramePlan {
  const placement = placeInput(preprocess, frame);
  const { height, width, resized, top, left } = placement;
  const { filter, channels, range, mean, std } = preprocess;
  const antialias = filter === 'bilinear-antialiased';
  const columns = Math.min(width, resized.width - left);
  const rows = Math.min(height, resized.height - top);
  const input: FrameInput = {
    height,
    width,
    across: resampleTaps(frame.width, resized.width, antialias, left, columns),
    down: resampleTaps(frame.height, resized.height, antialias, top, rows),
    channels,
    range,
    mean,
    std,
  };
  const { resize } = postprocess;
  const isPadded = resized.height < height || resized.width < width;
  return {
    frame: { width: frame.width, height: frame.height },
    input,
    ...(isPadded && { crop: (logits: Size) => cropOf(logits, placement, resize) }),
    resize,
  };
}

/** A plan with all that is said of one drawing. */
export const taskOf = (
  plan: FramePlan,
  size: Size,
  look: DrawnLook,
  smoothing: number,
  backdrop: Pixels | undefined,
): FrameTask => ({ ...plan, ...size, look, smoothing, ...(backdrop && { backdrop }) });
