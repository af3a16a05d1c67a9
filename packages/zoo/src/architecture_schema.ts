import { brief } from '@atrous/checkpoint';
import { type AsppBranch, convolutionKinds } from '@atrous/deeplab';
import type { EncoderFamily } from '@atrous/graph';
import { resizeConventions } from '@atrous/tensor';
import * as v from 'valibot';
import type { Architecture } from './architecture.ts';
import { families } from './families.ts';
import { optionsSchema } from './option_schema.ts';
import { list, number, oneOf, record, text, whole } from './schema_parts.ts';

/** A branch of the pyramid by its name. */
export const branch: v.GenericSchema<AsppBranch> = v.custom<AsppBranch>(
  (name) => typeof name === 'string' && /^(pool|1x1|rate\d{1,2})$/.test(name),
  ({ input }) => `expected pool, 1x1 or rate0, rate1, …, got ${brief(input)}`,
);

const convolution = oneOf(...convolutionKinds);

/** An architecture on an encoder of a family: known keys only, numbers within their bounds. */
export const architectureSchema = (family: EncoderFamily): v.GenericSchema<Architecture> =>
  record({
    head: oneOf('classifier', 'deeplabv3', 'deeplabv3plus'),
    encoder: record({
      family: oneOf(...Object.keys(families)),
      variant: oneOf(...Object.keys(family.variants)),
      options: v.optional(optionsSchema(family.options)),
    }),
    classes: v.optional(whole('classes')),
    outputStride: v.optional(oneOf(8, 16, 32)),
    classifier: v.optional(record({ pools: v.optional(oneOf('to', 'up-to')) })),
    resize: v.optional(oneOf(...resizeConventions)),
    epsilon: v.optional(number('epsilon')),
    aspp: v.optional(
      record({
        rates: v.optional(list('rates', whole('rate'))),
        channels: v.optional(whole('channels')),
        concat: v.optional(list('branches', branch)),
        convolution: v.optional(convolution),
        bias: v.optional(v.boolean()),
        refine: v.optional(convolution),
      }),
    ),
    decoder: v.optional(
      record({
        lowLevel: v.optional(text('name')),
        lowLevelChannels: v.optional(whole('channels')),
        lowLevelFirst: v.optional(v.boolean()),
        channels: v.optional(whole('channels')),
        convolutions: v.optional(whole('convolutions')),
        convolution: v.optional(convolution),
        bias: v.optional(v.boolean()),
      }),
    ),
  });
