import { clip } from '@atrous/checkpoint';
import type { WeightSource } from '@atrous/graph';
import { AtrousError, unknownName } from '@atrous/tensor';
import { atrousPytorch } from './atrous_pytorch.ts';
import { kerasDeeplab } from './keras_deeplab.ts';
import { own } from './own.ts';
import type { CheckpointSource } from './source.ts';
import { timm } from './timm.ts';

/** The checkpoints that we read. A new source is a new row. */
export const sources: readonly CheckpointSource[] = [own, atrousPytorch, timm, kerasDeeplab];

/** The source of that name, or the one whose names the weights bear. @throws AtrousError */
export function findSource(weights: WeightSource, name?: string): CheckpointSource {
  if (name !== undefined) {
    const named = sources.find((source) => source.name === name);
    if (!named)
      throw unknownName(
        'source',
        name,
        sources.map((source) => source.name),
      );
    return named;
  }
  const recognised = sources.find((source) => weights.names.some((weight) => source.signature.test(weight)));
  if (recognised) return recognised;
  const some = weights.names
    .slice(0, 4)
    .map((weight) => clip(weight))
    .join(', ');
  throw new AtrousError(
    'weights',
    `the weights' names (${some || 'none'}${weights.names.length > 4 ? ', …' : ''}) are of none of the sources that we read: ` +
      sources.map((source) => `${source.name} (${source.description})`).join(', '),
  );
}
