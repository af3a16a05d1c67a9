import {
  type FileFormat,
  type FileOptions,
  fileFormats,
  type SegmentToFilesOptions,
} from '@atrous/segmenter/files';
import type { FastifySchemaValidationError } from 'fastify';
import { RequestError } from './problem.ts';

/** The largest bill that one request may run up: its views, and how large each is. */
const mostScales = 6;
const scaleBounds = [0.25, 2] as const;

const formats = Object.keys(fileFormats) as FileFormat[];

/** Which formats an option is for, in words. */
const forFormats = (option: keyof FileOptions): string =>
  formats.filter((format) => fileFormats[format].options.includes(option)).join(', ');

/** What may be asked of a picture, as JSON Schema. */
export const querySchema: Readonly<Record<string, unknown>> & {
  readonly properties: Readonly<Record<string, unknown>>;
} = {
  type: 'object',
  additionalProperties: false,
  properties: {
    format: { type: 'string', enum: formats, default: 'mask', description: 'what is made of the picture' },
    scales: {
      type: 'string',
      maxLength: 100,
      description: `sees the picture at these multiples of its size, ${mostScales} at most from ${scaleBounds.join(' to ')} with commas between, and takes the mean`,
      examples: ['0.75,1,1.5'],
    },
    flip: { type: 'boolean', description: 'sees it mirrored, too' },
    window: {
      type: 'integer',
      minimum: 64,
      maximum: 4096,
      description: 'the longest side seen at once; more by overlapping windows',
    },
    minConfidence: {
      type: 'number',
      minimum: 0,
      maximum: 0.999,
      description: 'pixels whose class is less probable than this are unknown: 255 in the mask',
    },
    classes: {
      type: 'string',
      maxLength: 2000,
      description: `${forFormats('classes')}: what is kept, names or ids with commas between; all but the background where it is left out`,
      examples: ['hair,skin'],
    },
    hardEdges: {
      type: 'boolean',
      description: `${forFormats('hardEdges')}: cuts along the pixels of the mask, without soft edges`,
    },
    opacity: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: `${forFormats('opacity')}: share of the class colours; 0.5 where it is left out`,
    },
    outline: { type: 'boolean', description: `${forFormats('outline')}: draws the borders between classes` },
    tolerance: {
      type: 'number',
      minimum: 0,
      maximum: 1000,
      description: `${forFormats('tolerance')}: how far outlines may be off, in pixels, for shorter ones`,
    },
    smooth: {
      type: 'integer',
      minimum: 0,
      maximum: 5,
      description: `${forFormats('smooth')}: rounds of corner cutting on outlines`,
    },
    objects: {
      type: 'string',
      enum: ['instances', 'classes'],
      description: `${forFormats('objects')}: an object for each connected area, or one per class`,
    },
    polygons: {
      type: 'boolean',
      description: `${forFormats('polygons')}: objects as polygons where they have no holes`,
    },
  },
};

/** A query that the schema let through. */
export type Query = Omit<SegmentToFilesOptions, 'scales' | 'classes' | 'signal'> & {
  readonly format: FileFormat;
  readonly scales?: string;
  readonly classes?: string;
};

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** @throws RequestError 400 for what no schema says: lists of numbers, and options that the format does not heed */
export function optionsOf({ format, scales, classes, ...rest }: Query): SegmentToFilesOptions {
  const heeded: readonly string[] = fileFormats[format].options;
  const views = ['flip', 'window', 'minConfidence'];
  const given = [...Object.keys(rest), ...(classes === undefined ? [] : ['classes'])];
  const idle = given.find((name) => !views.includes(name) && !heeded.includes(name));
  if (idle !== undefined) {
    throw new RequestError(
      400,
      `${idle}: changes nothing in format ${format}; it is for ${forFormats(idle as keyof FileOptions)}`,
    );
  }
  // Ajv makes a number of "Infinity" and looks no further
  const endless = Object.entries(rest).find(
    ([, value]) => typeof value === 'number' && !Number.isFinite(value),
  );
  if (endless) throw new RequestError(400, `${endless[0]}: expected a finite number`);
  return {
    ...rest,
    ...(scales !== undefined && { scales: scalesOf(scales) }),
    ...(classes !== undefined && { classes: listOf(classes) }),
  };
}

function scalesOf(text: string): number[] {
  const [least, most] = scaleBounds;
  const scales = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const isWithin = scales.every((scale) => scale >= least && scale <= most);
  if (isWithin && scales.length <= mostScales) return scales;
  throw new RequestError(
    400,
    `scales: expected up to ${mostScales} numbers from ${least} to ${most} with commas between, got ${JSON.stringify(text)}`,
  );
}

/** What the schema refuses, in words. */
export function schemaError(errors: readonly FastifySchemaValidationError[]): Error {
  const [{ keyword, params, instancePath, message }] = errors;
  const name = instancePath.slice(1);
  if (keyword === 'additionalProperties') {
    const known = Object.keys(querySchema.properties).join(', ');
    return new RequestError(
      400,
      `unknown option ${JSON.stringify(params.additionalProperty)}: expected some of ${known}`,
    );
  }
  if (keyword === 'enum')
    return new RequestError(400, `${name}: expected one of ${(params.allowedValues as string[]).join(', ')}`);
  return new RequestError(400, `${name}: ${message}`);
}
