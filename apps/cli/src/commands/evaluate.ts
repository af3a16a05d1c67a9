import {
  addCounts,
  bootstrapDefaults,
  type ClassGroup,
  countPicture,
  fileNameOf,
  firstOf,
  lowest,
  type Mapping,
  type ScoredPicture,
  stemOf,
  summarize,
  summarizeGroups,
  tallyOf,
} from '@atrous/dataset';
import type { LabelledPictures } from '@atrous/dataset/node';
import { type ConfusionMatrix, confusionMatrix, type LabelColors, paletteOf, scoresOf } from '@atrous/mask';
import { type ComputeOption, readPicture, Segmenter, type ViewOptions } from '@atrous/segmenter';
import { messageOf } from '@atrous/tensor';
import type { Precision } from '@atrous/zoo';
import type { Command } from 'commander';
import { classGroups, idGroups } from '../classes.ts';
import { type ScoreFormat, saveScores, scoreFiles, scoreFormats } from '../evaluate_files.ts';
import { evaluateMapping } from '../evaluate_mapping.ts';
import { groupLines, summaryLines } from '../evaluate_report.ts';
import { type Grouping, groupings, readTags, someOf, tagsOf } from '../evaluate_tags.ts';
import { list, locateModel, wholeWithin } from '../options.ts';
import { loadingReports, note, print, progressBar } from '../output.ts';
import { refuseOverwrites } from '../overwrites.ts';
import { findLabelled, maxPixelsOption, type PairFlags, pairOptions } from '../pairs.ts';
import { givenRuntimes } from '../runtimes.ts';
import { scoreLines, scoreWarnings } from '../scores.ts';
import {
  command,
  computeOption,
  precisionOption,
  runtimeOption,
  threadsOption,
  viewOptions,
} from './command.ts';

interface EvaluateFlags extends PairFlags, ViewOptions {
  readonly model: string;
  readonly classes?: readonly ClassGroup[];
  readonly labelClasses?: readonly ClassGroup[];
  readonly ignore?: readonly number[];
  readonly groupBy: readonly Grouping[];
  readonly group?: string;
  readonly details: boolean;
  readonly save: readonly ScoreFormat[];
  readonly output: string;
  readonly runtime: string;
  readonly threads?: number;
  readonly precision?: Precision;
  readonly compute: ComputeOption;
  readonly maxPixels: number;
  readonly json: boolean;
}

export function evaluateCommand(signal: AbortSignal): Command {
  const evaluating = command('evaluate', 'score a model on pictures with labels')
    .option('--images <folder>', 'pictures: JPEG, PNG or WebP')
    .option(
      '--labels <folder>',
      'PNGs of class ids (indexed or grey, or RGB in the model’s colours), named as the pictures, or a COCO file (.json); ids from the class count up are ignored',
    );
  for (const option of [...pairOptions(), ...viewOptions()]) evaluating.addOption(option);
  return evaluating
    .option(
      '--model <name>',
      'people, people-small, street, a model folder, an npm package or a URL',
      'people',
    )
    .option(
      '--classes <list>',
      'classes made of the model’s, by id or name, on both sides: background=0,person=1+2+hair; * is the rest',
      classGroups,
    )
    .option('--label-classes <list>', 'which ids of the labels they are, where these differ', idGroups)
    .option(
      '--ignore <ids>',
      'ids of the labels that are not counted (default: the model’s, or 255 with --label-classes)',
      (text: string) => list(text).map(wholeWithin(0, 65535)),
    )
    .option(
      '--group-by <names>',
      'also by size (of all classes but the first, in the labels) or colour (or grey): size,colour',
      someOf(groupings),
      [] as Grouping[],
    )
    .option('--group <file>', 'also by the columns of a CSV whose first column names pictures')
    .option('--details', 'also precision, recall, F1, means over pictures and 95 % intervals', false)
    .option('--save <formats>', `also as files: ${scoreFormats.join(', ')}`, someOf(scoreFormats), [])
    .option('-o, --output <folder>', 'where these go: scores.json, scores.csv and pictures.csv', '.')
    .addOption(maxPixelsOption())
    .addOption(runtimeOption())
    .addOption(threadsOption())
    .addOption(precisionOption())
    .addOption(computeOption())
    .addHelpText(
      'after',
      `
--json has the details always. Intervals hold 95 % of ${bootstrapDefaults.resamples} drawings of as many pictures, with replacement.

Examples:
  atrous evaluate --model street --images camvid/test --labels camvid/labels
  atrous evaluate --images voc/images --labels voc/labels --group-by size \\
    --classes 'background=0,person=*' --label-classes 'background=*,person=15'`,
    )
    .action((flags: EvaluateFlags) => evaluate(flags, signal));
}

async function evaluate(flags: EvaluateFlags, signal: AbortSignal): Promise<void> {
  const labelled = await findLabelled(flags);
  const tags = await readTags(flags.group);
  const { runtime, threads, precision, compute } = flags;
  refuseOverwrites(
    [
      ...labelled.pairs.flatMap(({ picture, truth }) => [picture, truth]),
      ...(flags.group ? [flags.group] : []),
    ],
    scoreFiles(flags.output, flags.save).map((path) => ({ path, from: flags.model })),
  );
  const options = {
    runtimes: givenRuntimes,
    runtime,
    threads,
    precision,
    compute,
    signal,
    ...loadingReports,
  };
  const segmenter = await Segmenter.load(locateModel(flags.model), options);
  const { classes, config } = segmenter;
  const names = classes.map(({ name }) => name);
  const mapping = evaluateMapping(flags, { names, ignoreId: config.ignoreId });
  const scored = await scoreAll(labelled, { segmenter, mapping, flags, tags, signal });
  await segmenter.dispose();

  const { matrix, pictures, failed, colors } = scored;
  const scores = scoresOf(matrix);
  const summary = summarize(pictures, mapping.classes);
  const groups = summarizeGroups(pictures, mapping.classes);
  const data = {
    model: config.name,
    runtime: segmenter.runtime,
    weights: segmenter.precision,
    compute: segmenter.compute,
    ...(flags.scales && { scales: flags.scales }),
    ...(flags.flip && { flip: true }),
    ...(flags.window && { window: flags.window }),
    pictures: pictures.length,
    miou: scores.miou,
    accuracy: scores.accuracy,
    ignored: scores.ignored,
    ignoredIds: scores.ignoredIds,
    absent: scores.absent.map((id) => mapping.classes[id]),
    iou: Object.fromEntries(mapping.classes.map((name, id) => [name, scores.iou[id]])),
    ...(colors.size > 0 && { labelColors: [...colors] }),
    failed,
    ...(flags.classes && { classes: asObject(flags.classes) }),
    ...(flags.labelClasses && { labelClasses: asObject(flags.labelClasses) }),
    intervals: { ...bootstrapDefaults, method: 'percentiles of drawings of pictures with replacement' },
    details: summary,
    groups,
    lowest: lowest(pictures, 8),
  };
  await saveScores(flags.output, flags.save, { data, classes: mapping.classes, pictures, summary, groups });
  const hasMore = flags.details || flags.classes || flags.labelClasses || groups.length > 0;
  print(flags, data, () =>
    [
      `${data.model} on ${data.runtime}: ${data.pictures} pictures`,
      ...scoreLines(mapping.classes, scores),
      ...(hasMore ? summaryLines(summary, bootstrapDefaults.level).map((lines) => `\n${lines}`) : []),
      ...groupLines(groups).map((lines) => `\n${lines}`),
    ].join('\n'),
  );
  report(scored, flags, mapping, tags);
}

interface Scoring {
  readonly segmenter: Segmenter;
  readonly mapping: Mapping;
  readonly flags: EvaluateFlags;
  readonly tags: Awaited<ReturnType<typeof readTags>>;
  readonly signal: AbortSignal;
}

interface Scored {
  readonly matrix: ConfusionMatrix;
  readonly pictures: ScoredPicture[];
  readonly failed: { input: string; error: string }[];
  readonly colors: Set<LabelColors>;
}

/** Picture by picture; one that fails is noted, and the others go on. */
async function scoreAll({ pairs, labels: labelsOf }: LabelledPictures, scoring: Scoring): Promise<Scored> {
  const { segmenter, mapping, flags, tags, signal } = scoring;
  const { maxPixels, groupBy, labelClasses, scales, flip, window } = flags;
  const matrix = confusionMatrix(mapping.classes.length);
  const scored: Scored = { matrix, pictures: [], failed: [], colors: new Set() };
  // labels with ids of their own are not in the model's colours
  const palette = labelClasses ? undefined : paletteOf(segmenter.classes);
  const bar = progressBar(pairs.length);
  for (const pair of pairs) {
    bar.step(pair.picture);
    try {
      const labels = await labelsOf(pair, { maxPixels, palette });
      const pixels = groupBy.includes('colour') ? await readPicture(pair.picture) : undefined;
      const segmentation = await segmenter.segment(pixels ?? pair.picture, { scales, flip, window, signal });
      const counts = countPicture(segmentation.labels, labels, mapping, pair.truth);
      const tally = tallyOf(counts);
      addCounts(matrix, counts);
      const name = fileNameOf(pair.picture);
      scored.pictures.push({ name, tally, tags: tagsOf(name, tally, pixels, groupBy, tags) });
      if (labels.colors) scored.colors.add(labels.colors);
    } catch (error) {
      if (signal.aborted) throw error;
      scored.failed.push({ input: pair.picture, error: messageOf(error) });
    }
  }
  bar.end();
  return scored;
}

/** What is to be known beside the scores. */
function report(
  { matrix, pictures, failed, colors }: Scored,
  flags: EvaluateFlags,
  mapping: Mapping,
  tags: Scoring['tags'],
): void {
  for (const { input, error } of failed) note(`atrous: ${input} failed: ${error}`);
  for (const warning of scoreWarnings(mapping.classes, scoresOf(matrix))) note(`atrous: warning: ${warning}`);
  const others = [...colors].filter((name) => name !== 'the model' && name !== 'ids');
  if (others.length > 0 && !flags.labelClasses)
    note(
      `atrous: warning: labels were read in the colours of ${others.join(', ')}: check that its ids are the model’s`,
    );
  const untagged = pictures.filter(({ name }) => !tags.has(stemOf(name)));
  if (flags.group && untagged.length > 0)
    note(
      `atrous: warning: ${untagged.length} pictures are not in ${flags.group}, and in none of its groups: ${firstOf(untagged.map(({ name }) => name))}`,
    );
  if (failed.length > 0) process.exitCode = 1;
}

const asObject = (groups: readonly ClassGroup[]): Record<string, string> =>
  Object.fromEntries(groups.map(({ name, members }) => [name, members.join('+')]));
