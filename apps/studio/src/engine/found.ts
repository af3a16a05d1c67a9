import { backgroundIds } from '@atrous/mask';
import type { Segmentation } from '@atrous/segmenter/client';
import type { Engine } from '../state/engine.ts';
import type { Result } from '../state/pictures.ts';
import type { Found } from '../worker/scene.ts';

/** A segmentation's part for the painter, the memory that moves there with it, and the part that the page keeps. */
export function divide(
  { labels, logits, classes, shares, timings, runtime, reason }: Segmentation,
  { model, segmenter }: Pick<Engine, 'model' | 'segmenter'>,
) {
  const { width, height } = labels;
  if (!logits) throw new Error('segmented without logits');
  const { resize } = segmenter.config.postprocess;
  const found: Found = { width, height, labels, logits, resize, background: backgroundIds(classes) };
  const memory: Transferable[] = [labels.data.buffer, logits.data.buffer];
  const result: Result = { model, runtime, reason, shares, timings };
  return { found, memory, result };
}
