import { readFile } from 'node:fs/promises';
import { confusionMatrix, countInto, decodeLabelPng, scoresOf } from '@atrous/mask';
import { Segmenter } from '@atrous/segmenter';
import { messageOf } from '@atrous/tensor';
import type { Command } from 'commander';
import { locateModel } from '../options.ts';
import { downloadProgress, note, percent, print, progressBar, table } from '../output.ts';
import { pairFiles } from '../pairs.ts';
import { command, precisionOption, runtimeOption, threadsOption } from './command.ts';

interface EvaluateFlags {
  readonly model: string;
  readonly images: string;
  readonly labels: string;
  readonly runtime: string;
  readonly threads?: number;
  readonly precision: 'float32' | 'float16' | 'int8';
  readonly json: boolean;
}

export function evaluateCommand(signal: AbortSignal): Command {
  return command('evaluate', 'score a model on pictures with labels')
    .requiredOption('--images <folder>', 'pictures: JPEG, PNG or WebP')
    .requiredOption(
      '--labels <folder>',
      'PNGs of class ids (indexed or grey), named as the pictures; ids from the class count up are ignored',
    )
    .option('--model <name>', 'people, street, a model folder, an npm package or a URL', 'people')
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
  const { runtime, threads, precision } = flags;
  const options = { runtime, threads, precision, signal, onProgress: downloadProgress };
  const segmenter = await Segmenter.load(locateModel(flags.model), options);
  const matrix = confusionMatrix(segmenter.classes.length);
  const failed: { input: string; error: string }[] = [];
  const bar = progressBar(pairs.length);
  for (const { picture, truth } of pairs) {
    bar.step(picture);
    try {
      const labels = decodeLabelPng(await readFile(truth), truth);
      const segmentation = await segmenter.segment(picture, { signal });
      countInto(matrix, segmentation.labels, labels);
    } catch (error) {
      if (signal.aborted) throw error;
      failed.push({ input: picture, error: messageOf(error) });
    }
  }
  bar.end();
  await segmenter.dispose();

  const { miou, accuracy, iou } = scoresOf(matrix);
  const named = Object.fromEntries(segmenter.classes.map(({ id, name }) => [name, iou[id]]));
  const data = {
    model: segmenter.config.name,
    runtime: segmenter.runtime,
    pictures: pairs.length - failed.length,
    miou,
    accuracy,
    iou: named,
    failed,
  };
  print(flags, data, () =>
    [
      `${data.model} on ${data.runtime}: ${data.pictures} pictures`,
      table(
        Object.entries(named).map(([name, value]) => [
          `  ${name}`,
          value === null ? 'does not occur' : percent(value),
        ]),
      ),
      `mean IoU        ${percent(miou)}`,
      `pixel accuracy  ${percent(accuracy)}`,
    ].join('\n'),
  );
  for (const { input, error } of failed) note(`atrous: ${input} failed: ${error}`);
  if (failed.length > 0) process.exitCode = 1;
}
