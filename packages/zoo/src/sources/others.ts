import {
  atrousPytorch,
  bubbliiiing,
  jfzhang,
  smp,
  timm,
  timmTf,
  torchseg,
  torchvision,
  torchvisionDeeplab,
  vainf,
} from './pytorch.ts';
import type { CheckpointSource } from './source.ts';
import { faceApi, keras, kerasDeeplab, oarriaga, tensorflowDeeplab } from './tensorflow.ts';

/** Whose checkpoints we read beside our own, in the order in which equal ones are tried. A new source is a new row. */
export const others: readonly CheckpointSource[] = [
  timm,
  torchvision,
  torchvisionDeeplab,
  timmTf,
  smp,
  vainf,
  jfzhang,
  bubbliiiing,
  torchseg,
  atrousPytorch,
  keras,
  oarriaga,
  kerasDeeplab,
  tensorflowDeeplab,
  faceApi,
];
