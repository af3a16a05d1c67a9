export type { Augmentation } from './train/augment.ts';
export { finetune } from './train/finetune.ts';
export type { BatchNormMode } from './train/network.ts';
export type { Example, Finetuned, FinetuneOptions, TrainingStep } from './train/options.ts';
