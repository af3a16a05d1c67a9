import type { Encoder, Guess } from '@atrous/encoder';
import type { Command } from 'commander';
import {
  describeEncoder,
  type EncoderFlags,
  openEncoder,
  picturesToEncode,
  reportFailures,
  withEach,
} from '../encode_pictures.ts';
import { wholeNumber } from '../options.ts';
import { percent, print, table } from '../output.ts';
import { bringPicture, type PictureFile } from '../pictures.ts';
import { printableName } from '../printable.ts';
import { checkpointOptions, command, precisionOption, runtimeOption, threadsOption } from './command.ts';

interface ClassifyFlags extends EncoderFlags {
  readonly top: number;
}

/** What a network says of a picture: classes, or numbers under the names of its answers. */
type ClassifiedFile =
  | { readonly input: string; readonly classes: readonly Guess[] }
  | { readonly input: string; readonly answers: Readonly<Record<string, readonly number[]>> };

export function classifyCommand(signal: AbortSignal): Command {
  const classifying = command('classify', 'name what pictures show, with a classifier')
    .argument('<pictures...>', 'files, folders, patterns in quotes, zip and tar archives, @list.txt')
    .requiredOption('--model <name>', 'a classifier: a checkpoint, a model folder, an npm package or a URL')
    .option('--top <n>', 'how many classes, likeliest first', wholeNumber(1), 5)
    .addOption(runtimeOption())
    .addOption(threadsOption())
    .addOption(precisionOption());
  for (const option of checkpointOptions()) classifying.addOption(option);
  return classifying
    .addHelpText(
      'after',
      `
Examples:
  atrous classify photo.jpg --model resnet50.pth
  atrous classify holidays --model xception.safetensors --top 1 --json

Classes have the names of the model's config, ImageNet's where there are 1000 (or 1001, the background first), else
their numbers. Networks of ImageNet see the middle of a picture, 87.5 % of its shorter side; any other the whole.`,
    )
    .action((args: string[], flags: ClassifyFlags) => classify(args, flags, signal));
}

async function classify(args: readonly string[], flags: ClassifyFlags, signal: AbortSignal): Promise<void> {
  const found = await picturesToEncode(args);
  const encoder = await openEncoder(flags, signal);
  const isMute = encoder.classes.length === 0 && encoder.answerNames.length === 0;
  if (isMute) await encoder.classify([]); // throws why it cannot, before any picture is read
  const { done, failed } = await withEach(found, signal, (picture) =>
    classifyFile(encoder, picture, flags.top, signal),
  );
  await encoder.dispose();
  const { network, source, runtime, reason } = encoder;
  const result = { network, source, runtime, reason, files: done, failed, skipped: found.skipped };
  print(flags, result, () => [describeEncoder(encoder), ...done.map(describeFile)].join('\n\n'));
  reportFailures(failed);
}

async function classifyFile(
  encoder: Encoder,
  picture: PictureFile,
  top: number,
  signal: AbortSignal,
): Promise<ClassifiedFile> {
  const { path: input } = picture;
  const given = await bringPicture(picture);
  if (encoder.classes.length > 0) {
    return { input, classes: await encoder.classify(given, { top, signal }) };
  }
  const answers = Object.entries(await encoder.answers(given, { signal }));
  return { input, answers: Object.fromEntries(answers.map(([name, values]) => [name, [...values]])) };
}

function describeFile(file: ClassifiedFile): string {
  const rows =
    'classes' in file
      ? file.classes.map(({ name, score }) => [`  ${printableName(name)}`, percent(score)])
      : Object.entries(file.answers).map(([name, values]) => [
          `  ${name}`,
          values.map((value) => value.toPrecision(5)).join('  '),
        ]);
  return `${printableName(file.input)}\n${table(rows)}`;
}
