import { brief } from '@atrous/checkpoint';
import type { AsppBranch } from '@atrous/deeplab';
import { resizeConventions } from '@atrous/tensor';
import { variantNames } from '@atrous/xception';
import * as v from 'valibot';
import type { Architecture } from './architecture.ts';
import { list, number, oneOf, record, text, whole } from './schema_parts.ts';

const paddingName = oneOf('symmetric', 'same');
const epsilon = number('epsilon');

const branch = v.custom<AsppBranch>(
  (name) => typeof name === 'string' && /^(pool|1x1|rate\d{1,2})$/.test(name),
  ({ input }) => `expected pool, 1x1 or rate0, rate1, …, got ${brief(input)}`,
);

/** One value for all parts, or an object that names parts. */
const eachOrAll = <T, O>(all: v.GenericSchema<T>, each: v.GenericSchema<O>): v.GenericSchema<T | O> =>
  v.lazy((value): v.GenericSchema<T | O> => (typeof value === 'object' && value !== null ? each : all));

/** An architecture: known keys only, numbers within their bounds. */
export const architectureSchema: v.GenericSchema<Architecture> = record({
  head: oneOf('classifier', 'deeplabv3', 'deeplabv3plus'),
  encoder: oneOf(...variantNames),
  classes: v.optional(whole('classes')),
  outputStride: v.optional(oneOf(8, 16, 32)),
  widthMultiplier: v.optional(number('widthMultiplier')),
  channelDivisor: v.optional(whole('channelDivisor')),
  padding: v.optional(
    eachOrAll(
      paddingName,
      record({
        stem: v.optional(oneOf('symmetric', 'same', 'valid')),
        pool: v.optional(paddingName),
      }),
    ),
  ),
  batchNormEpsilon: v.optional(
    eachOrAll(epsilon, record({ encoder: v.optional(epsilon), head: v.optional(epsilon) })),
  ),
  separableActivation: v.optional(oneOf('none', 'relu', 'relu6', 'elu')),
  residual: v.optional(v.boolean()),
  multiGrid: v.optional(list('multiGrid', whole('rate'))),
  resize: v.optional(oneOf(...resizeConventions)),
  aspp: v.optional(
    record({
      rates: v.optional(list('rates', whole('rate'))),
      channels: v.optional(whole('channels')),
      concat: v.optional(list('branches', branch)),
      separable: v.optional(v.boolean()),
    }),
  ),
  decoder: v.optional(
    record({
      lowLevel: v.optional(record({ endpoint: v.optional(text('name')), relu: v.boolean() })),
      lowLevelChannels: v.optional(whole('channels')),
      channels: v.optional(whole('channels')),
      convolutions: v.optional(whole('convolutions')),
    }),
  ),
});
