import { unknownName } from '@atrous/tensor';
import { own } from './own.ts';
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

/** Whose checkpoints we read, in the order in which equal ones are tried. A new source is a new row. */
export const sources: readonly CheckpointSource[] = [
  own,
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

/** The source of that name. @throws AtrousError `input` that lists the names */
export function sourceNamed(name: string): CheckpointSource {
  const found = sources.find((source) => source.name === name);
  if (found) return found;
  throw unknownName(
    'source',
    name,
    sources.map((source) => source.name),
  );
}
