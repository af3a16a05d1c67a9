import { brief } from '@atrous/checkpoint';
import { resizeConventions } from '@atrous/tensor';
import * as v from 'valibot';
import type { Architecture } from './architecture.ts';
import type { ModelConfig } from './config.ts';
import { lengthBounds } from './config_bounds.ts';
import { eachOrAll } from './option_schema.ts';
import { anyObject, list, number, oneOf, record, text, whole } from './schema_parts.ts';

const multipleOf = v.optional(whole('multipleOf'), 1);

const inputSize = v.variant(
  'mode',
  [
    record({ mode: v.literal('fixed'), height: whole('side'), width: whole('side') }),
    record({ mode: v.literal('longest-side'), pixels: whole('side'), multipleOf }),
    record({ mode: v.literal('shortest-side'), pixels: whole('side'), multipleOf }),
    record({ mode: v.literal('original'), multipleOf }),
  ],
  ({ input }) => `expected a mode: fixed, longest-side, shortest-side or original, got ${brief(input)}`,
);

const pixelValue = number('pixelValue');
const std = number('std');

const range = v.pipe(
  v.strictTuple([pixelValue, pixelValue], 'expected two numbers'),
  v.check(([from, to]) => from !== to, 'expected two different numbers'),
);

/** A number for each channel: three, or one for grey pictures. */
const perChannel = (value: v.GenericSchema<number>): v.GenericSchema<readonly number[]> =>
  v.lazy((given): v.GenericSchema<readonly number[]> => {
    return Array.isArray(given) && given.length === 1
      ? v.strictTuple([value], 'expected one number')
      : v.strictTuple([value, value, value], 'expected three numbers');
  });

const preprocess = record({
  size: inputSize,
  fit: v.optional(eachOrAll(oneOf('stretch', 'pad'), record({ crop: number('crop') })), 'stretch'),
  filter: v.optional(oneOf('bilinear-antialiased', 'bilinear'), 'bilinear-antialiased'),
  channels: v.optional(oneOf('RGB', 'BGR', 'grey'), 'RGB'),
  range: v.optional(range, [0, 255]),
  mean: perChannel(pixelValue),
  std: perChannel(std),
});

const matching = v.pipe(
  preprocess,
  v.check(
    ({ channels, mean, std }) => [mean, std].every(({ length }) => length === (channels === 'grey' ? 1 : 3)),
    'expected mean and std with a number for each channel: three, or one for grey',
  ),
);

const label = record({
  id: whole('classId'),
  name: text('name'),
  color: v.custom<string>(
    (value) => typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value),
    ({ input }) => `expected #rrggbb, got ${brief(input)}`,
  ),
});

const labels = v.pipe(
  list('labels', label),
  v.check((all) => all.every(({ id }, i) => id === i), 'expected the ids 0, 1, 2, … in order'),
);

/** Names that Windows keeps for devices, whatever the ending. */
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

const isPlainFileName = (name: unknown): boolean =>
  typeof name === 'string' &&
  name.length <= lengthBounds.fileName.max &&
  /^\w[\w.-]*$/.test(name) &&
  !name.endsWith('.') &&
  !deviceName.test(name) &&
  name.toLowerCase() !== 'config.json';

const precision = oneOf('float32', 'float16', 'int8');
const precisions = list('files', precision);

const weightsFile = record({
  file: v.custom<string>(
    isPlainFileName,
    ({ input }) => `expected a plain file name such as model.safetensors, got ${brief(input)}`,
  ),
  dtype: precision,
  bytes: whole('fileBytes'),
  sha256: v.custom<string>(
    (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value),
    ({ input }) => `expected 64 hex digits in lower case, got ${brief(input)}`,
  ),
});

/** `config.json` of a format, its architecture read by the schema given: known keys only, numbers within their bounds. */
export const configSchema = <V extends 1 | 2>(
  formatVersion: V,
  architecture: v.GenericSchema<unknown, Architecture>,
): v.GenericSchema<unknown, Omit<ModelConfig, 'formatVersion'> & { formatVersion: V }> =>
  record({
    formatVersion: oneOf(formatVersion),
    name: text('name'),
    task: oneOf('semantic-segmentation', 'image-classification'),
    architecture,
    preprocess: matching,
    postprocess: v.optional(record({ resize: v.optional(oneOf(...resizeConventions), 'half-pixel') }), {
      resize: 'half-pixel',
    }),
    labels,
    ignoreId: v.optional(whole('classId')),
    weights: record({
      names: text('name'),
      parameters: v.optional(whole('parameters')),
      files: list('files', weightsFile),
      order: v.optional(record({ browser: v.optional(precisions), node: v.optional(precisions) })),
    }),
    compute: v.optional(
      record({
        int8: record({
          auto: v.boolean('expected true or false'),
          miou: number('percent'),
          sameLabels: number('share'),
        }),
      }),
    ),
    data: v.optional(text()),
    licence: v.optional(text()),
    scores: v.optional(anyObject),
    training: v.optional(anyObject),
  }) as v.GenericSchema<unknown, Omit<ModelConfig, 'formatVersion'> & { formatVersion: V }>;
