import type { Placed } from '@atrous/graph';

/**
 * From where on the dilation stands for a stride that an output stride takes away. Sources differ, and weights that
 * were trained one way are wrong in another:
 * - `next-block`: the block that loses its stride keeps the rate so far (TF-slim, torchvision's ResNet, timm, VainF, bubbliiiing)
 * - `same-block`: it is dilated itself (segmentation_models.pytorch, torchvision's MobileNetV3, jfzhang95's ResNet)
 * - `next-stage`: so is nothing else of its stage (jfzhang95's MobileNetV2)
 */
export type DilateFrom = 'next-block' | 'same-block' | 'next-stage';

/** The atrous rate of each block of a stage whose first block carries the stride. */
export function blockRates(stage: Placed, blocks: number, dilateFrom: DilateFrom): number[] {
  return Array.from({ length: blocks }, (_, i) => {
    const isBefore = dilateFrom === 'next-stage' || (dilateFrom === 'next-block' && i === 0);
    return isBefore ? stage.rate : stage.nextRate;
  });
}
