import type { ComputeOption } from '@atrous/segmenter';
import { type FileFormat, type FileOptions, fileFormats } from '@atrous/segmenter/files';
import type { Precision } from '@atrous/zoo';
import { type Command, Option } from 'commander';
import { bringFleet, type QueueFlags, queueAddress, queueOptions } from '../fleet.ts';
import { loadSegmenter } from '../load_segmenter.ts';
import { fraction, list, locateModel, numberWithin, someOf, wholeNumber, wholeWithin } from '../options.ts';
import { print } from '../output.ts';
import { command, computeOption, precisionOption, viewOptions } from './command.ts';

interface EnqueueFlags extends QueueFlags, FileOptions {
  readonly output: string;
  readonly model: string;
  readonly precision?: Precision;
  readonly compute: ComputeOption;
  readonly formats: readonly FileFormat[];
  readonly scales?: readonly number[];
  readonly flip: boolean;
  readonly window?: number;
  readonly minConfidence?: number;
  readonly priority?: number;
  readonly attempts: number;
  readonly json: boolean;
}

const formats = Object.keys(fileFormats) as FileFormat[];

export function enqueueCommand(signal: AbortSignal): Command {
  const enqueuing = command(
    'enqueue',
    'put the pictures of a folder or a bucket into a queue, for workers on any machine',
  )
    .argument(
      '<place>',
      'a folder that all machines have under this path, or s3://bucket/prefix; with all that is below',
    )
    .requiredOption('-o, --output <place>', 'where results go: such a folder, or s3://bucket/prefix')
    .option(
      '--formats <list>',
      `what is made of each: ${formats.join(', ')}, with commas between`,
      someOf(formats),
      ['mask'] as FileFormat[],
    )
    .option('--model <name>', 'as workers have it: its checksum travels with the pictures', 'people')
    .option('--classes <list>', 'cutout: what is kept, by name (default: all but the background)', list)
    .option('--hard-edges', 'cutout: along the pixels of the mask, without soft edges')
    .option('--opacity <share>', 'overlay: of the class colours (default: 0.5)', fraction)
    .option('--outline', 'overlay: draws the borders between classes')
    .option(
      '--tolerance <px>',
      'how far outlines may be off, for shorter ones (default: 0)',
      numberWithin(0, 1000),
    )
    .option('--smooth <n>', 'rounds of corner cutting on outlines, 0 to 5 (default: 0)', wholeWithin(0, 5))
    .addOption(
      new Option('--objects <kind>', 'coco: each connected area, or one per class and picture').choices([
        'instances',
        'classes',
      ]),
    )
    .option('--polygons', 'objects of coco and cvat as polygons where they have no holes')
    .option(
      '--min-confidence <share>',
      'pixels whose class is less probable than this are unknown: 255 in the mask',
      numberWithin(0, 0.999),
    )
    .option('--priority <n>', '1 comes first; without one, before all that have one', wholeNumber(0))
    .option('--attempts <n>', 'tries of a picture that fails for a reason which may pass', wholeNumber(1), 5)
    .addOption(precisionOption())
    .addOption(computeOption())
    .addHelpText(
      'after',
      `
Needs a package of its own: npm install @atrous/fleet, and @aws-sdk/client-s3 for buckets (with --global if atrous is).

Examples:
  atrous enqueue /mnt/photos -o /mnt/masks --queue redis://10.0.0.5
  atrous enqueue s3://photos/2026 -o s3://masks/2026 --formats mask,coco --priority 1

A result lies at the picture's own path, by what went into it: trip/1.jpg becomes trip/1.0f3a9c21d07be514.mask.png. The same
picture, settings and model make the same name: nothing is made twice, and nothing is written over. What the queue knows is not added
again, so a run that was broken off is done again by the same line.
Buckets: credentials, region and address are taken out of the environment as by every AWS tool (AWS_ENDPOINT_URL_S3 for servers of others).`,
    )
    .action((place: string, flags: EnqueueFlags) => enqueue(place, flags, signal));
  for (const option of [...queueOptions(), ...viewOptions()]) enqueuing.addOption(option);
  return enqueuing;
}

async function enqueue(place: string, flags: EnqueueFlags, signal: AbortSignal): Promise<void> {
  const fleet = await bringFleet();
  const { output, model, precision, compute, formats, priority, attempts } = flags;
  const location = locateModel(model);
  const segmenter = await loadSegmenter({ model, precision, compute }, signal);
  await segmenter.dispose();
  const { scales, flip, window, minConfidence, classes, hardEdges, opacity, outline } = flags;
  const { tolerance, smooth, objects, polygons } = flags;
  const settings = await fleet.settingsOf(segmenter, location, formats, {
    scales,
    flip: flip || undefined,
    window,
    minConfidence,
    classes,
    hardEdges,
    opacity,
    outline,
    tolerance,
    smooth,
    objects,
    polygons,
  });
  const found = await fleet.enqueue({
    ...queueAddress(flags),
    from: place,
    to: output,
    settings,
    priority,
    attempts,
    signal,
  });
  print(
    flags,
    { ...found, settings },
    () => `${found.pictures} pictures for ${settings.model.name} → ${output}`,
  );
}
