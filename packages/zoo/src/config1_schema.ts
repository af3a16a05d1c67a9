import { resizeConventions } from '@atrous/tensor';
import * as v from 'valibot';
import type { Architecture } from './architecture.ts';
import { branch } from './architecture_schema.ts';
import { eachOrAll } from './option_schema.ts';
import { list, number, oneOf, record, text, whole } from './schema_parts.ts';

const paddingName = oneOf('symmetric', 'same');
const epsilon = number('epsilon');

/** The encoders of format 1: Xceptions, all of them. */
const variants = [
  'xception',
  'xception-middle',
  'xception41',
  'xception65',
  'xception71',
  'xception41p',
  'xception65p',
] as const;

const architecture1 = record({
  head: oneOf('classifier', 'deeplabv3', 'deeplabv3plus'),
  encoder: oneOf(...variants),
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

type Architecture1 = v.InferOutput<typeof architecture1>;

/** An architecture as format 1 has it, read as one of today's. */
export const architecture1Schema: v.GenericSchema<unknown, Architecture> = v.pipe(
  architecture1,
  v.transform(upgraded),
);

function upgraded(old: Architecture1): Architecture {
  const { head, encoder: variant, classes, outputStride, resize, batchNormEpsilon: epsilons, ...rest } = old;
  const { separable, ...pyramid } = rest.aspp ?? {};
  const { lowLevel, ...decoder } = rest.decoder ?? {};
  const epsilon = typeof epsilons === 'object' ? epsilons : { encoder: epsilons, head: epsilons };
  const { widthMultiplier, channelDivisor, padding, separableActivation, residual, multiGrid } = rest;
  const tap = lowLevel?.endpoint && lowLevel.endpoint + (lowLevel.relu ? '/tap' : '');
  return defined({
    head,
    encoder: {
      family: 'xception',
      variant,
      options: defined({
        widthMultiplier,
        channelDivisor,
        padding,
        separableActivation,
        residual,
        multiGrid,
        epsilon: epsilon.encoder,
        taps: lowLevel?.relu ? 'after' : undefined,
      }),
    },
    classes,
    outputStride,
    resize,
    epsilon: epsilon.head,
    aspp: rest.aspp && defined({ ...pyramid, convolution: separable === false ? 'ordinary' : undefined }),
    decoder: rest.decoder && defined({ ...decoder, lowLevel: tap }),
  } satisfies { [K in keyof Architecture]: unknown } as Architecture);
}

/** Without the keys whose value is undefined. */
const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
