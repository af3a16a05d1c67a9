import { confusionMatrix, countInto, type LabelColors, paletteOf, scoresOf } from '@atrous/mask';
import { Segmenter } from '@atrous/segmenter';
import { messageOf } from '@atrous/tensor';
import type { Command } from 'commander';
import { locateModel } from '../options.ts';
import { loadingReports, note, print, progressBar } from '../output.ts';
import { maxPixelsOption, pairFiles, readLabels } from '../pairs.ts';
import { scoreLines, scoreWarnings } from '../scores.ts';
import { command, precisionOption, runtimeOption, threadsOption } from './command.ts';

interface EvaluateFlags {
  readonly model: string;
  readonly images: string;
  readonly labels: string;
  readonly runtime: string;
  readonly threads?: number;
  readonly precision: 'float32' | 'float16' | 'int8';
  readonly maxPixels: number;
  readonly json: boolean;
}

export function evaluateCommand(signal: AbortSignal): Command {
  return command('evaluate', 'score a model on pictures with labels')
    .requiredOption('--images <folder>', 'pictures: JPEG, PNG or WebP')
    .requiredOption(
      '--labels <folder>',
      'PNGs of class ids (indexed or grey, or RGB in the model’s colours), named as the pictures; ids from the class count up are ignored',
    )
    .option('--model <name>', 'people, street, a model folder, an npm package or a URL', 'people')
    .addOption(maxPixelsOption())
    .addOption(runtimeOption())
    .addOption(threadsOption())
    .addOption(precisionOption())
    .addHelpText(
      'after',
      '\nExample:\n  atrous evaluate --model street --images camvid/test --labels camvid/labels',
    )
    .action((flags: EvaluateFlags) => evaluate(flags, signal));
}

async function evaluate(flags: EvaluateFlags, signal: AbortSignal): Promise<void> {
  const pairs = await pairFiles(flags.images, flags.labels);
  const { runtime, threads, precision, maxPixels } = flags;
  const options = { runtime, threads, precision, signal, ...loadingReports };
  const segmenter = await Segmenter.load(locateModel(flags.model), options);
  const { classes, config } = segmenter;
  const matrix = confusionMatrix(classes.length);
  const palette = paletteOf(classes);
  const failed: { input: string; error: string }[] = [];
  const colors = new Set<LabelColors>();
  const bar = progressBar(pairs.length);
  for (const pair of pairs) {
    bar.step(pair.picture);
    try {
      const labels = await readLabels(pair, { maxPixels, palette });
      const segmentation = await segmenter.segment(pair.picture, { signal });
      countInto(matrix, segmentation.labels, labels, config.ignoreId);
      if (labels.colors) colors.add(labels.colors);
    } catch (error) {
      if (signal.aborted) throw error;
      failed.push({ input: pair.picture, error: messageOf(error) });
    }
  }
  bar.end();
  await segmenter.dispose();

  const scores = scoresOf(matrix);
  const names = classes.map(({ name }) => name);
  const data = {
    model: config.name,
    runtime: segmenter.runtime,
    pictures: pairs.length - failed.length,
    miou: scores.miou,
    accuracy: scores.accuracy,
    ignored: scores.ignored,
    ignoredIds: scores.ignoredIds,
    absent: scores.absent.map((id) => names[id]),
    iou: Object.fromEntries(names.map((name, id) => [name, scores.iou[id]])),
    ...(colors.size > 0 && { labelColors: [...colors] }),
    failed,
  };
  print(flags, data, () =>
    [`${data.model} on ${data.runtime}: ${data.pictures} pictures`, ...scoreLines(names, scores)].join('\n'),
  );
  for (const { input, error } of failed) note(`atrous: ${input} failed: ${error}`);
  for (const warning of scoreWarnings(names, scores)) note(`atrous: warning: ${warning}`);
  const others = [...colors].filter((name) => name !== 'the model' && name !== 'ids');
  if (others.length > 0)
    note(
      `atrous: warning: labels were read in the colours of ${others.join(', ')}: check that its ids are the model’s`,
    );
  if (failed.length > 0) process.exitCode = 1;
}
