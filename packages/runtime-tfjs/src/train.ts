export type { Augmentation } from './train/augment.ts';
export {
  type Example,
  type Finetuned,
  type FinetuneOptions,
  finetune,
  type TrainingStep,
} from './train/finetune.ts';
export { maskedCrossEntropy, type Target } from './train/loss.ts';
export type { BatchNormMode } from './train/network.ts';
