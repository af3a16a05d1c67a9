import {
  bootstrapDefaults,
  boundaryTolerance,
  type ClassGroup,
  differencesOf,
  type LabelFormatName,
  labelFormats,
  lowest,
  type Mapping,
  summarize,
  summarizeGroups,
} from '@atrous/dataset';
import type { LabelledPictures } from '@atrous/dataset/node';
import { colorOf, formatColor, krzywinski, okabeIto, type Palette, paletteOf, scoresOf } from '@atrous/mask';
import type { ComputeOption, ViewOptions } from '@atrous/segmenter';
import { AtrousError } from '@atrous/tensor';
import type { Precision } from '@atrous/zoo';
import { type Command, Option } from 'commander';
import { classGroups, idGroups } from '../classes.ts';
import { type Against, differenceLines, parseAgainst } from '../evaluate_against.ts';
import { type ScoreFormat, saveScores, scoreFiles, scoreFormats } from '../evaluate_files.ts';
import { evaluateMapping } from '../evaluate_mapping.ts';
import { groupLines, summaryLines } from '../evaluate_report.ts';
import { noteFailures, noteScoring, type Scoring, scoreAll } from '../evaluate_score.ts';
import { type Grouping, groupings, readTags } from '../evaluate_tags.ts';
import { worstPictures } from '../evaluate_worst.ts';
import { loadSegmenter } from '../load_segmenter.ts';
import { list, numberWithin, someOf, wholeNumber, wholeWithin } from '../options.ts';
import { print } from '../output.ts';
import { refuseOverwrites } from '../overwrites.ts';
import { findLabelled, maxPixelsOption, type PairFlags, pairOptions } from '../pairs.ts';
import { scoreLines } from '../scores.ts';
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
  readonly labelFormat?: LabelFormatName;
  readonly ignore?: readonly number[];
  readonly boundary?: number;
  readonly against?: Against;
  readonly worst: number;
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
    .addOption(
      new Option(
        '--label-format <name>',
        'whose ids the label files have (default: as their names tell: Cityscapes’ _labelIds, ADE20K’s ADE_val_…)',
      ).choices([...Object.keys(labelFormats), 'ids']),
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
    .addOption(
      new Option(
        '--boundary [share]',
        'also the boundary F-score: borders within this share of the diagonal are found',
      )
        .argParser(numberWithin(0, 0.5))
        .preset(String(boundaryTolerance)),
    )
    .option(
      '--against <what>',
      'compare with a second model, or other settings: people-small; runtime=wasm; street,precision=int8,compute=int8',
      parseAgainst,
    )
    .option('--save <formats>', `also as files: ${scoreFormats.join(', ')}`, someOf(scoreFormats), [])
    .option(
      '-o, --output <folder>',
      'where these go: scores.json; scores.csv and pictures.csv; report.html',
      '.',
    )
    .option('--worst <n>', 'how many pictures report.html shows, the worst first', wholeNumber(0), 24)
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
    --classes 'background=0,person=*' --label-classes 'background=*,person=15'
  atrous evaluate --images photos --labels masks --save html -o report
  atrous evaluate --images photos --labels masks --against people-small --classes 'background=background,person=*'`,
    )
    .action((flags: EvaluateFlags) => evaluate(flags, signal));
}

async function evaluate(flags: EvaluateFlags, signal: AbortSignal): Promise<void> {
  const labelled = await findLabelled(flags);
  const tags = await readTags(flags.group);
  refuseOverwrites(
    [
      ...labelled.pairs.flatMap(({ picture, truth }) => [picture, truth]),
      ...(flags.group ? [flags.group] : []),
    ],
    scoreFiles(flags.output, flags.save).map((path) => ({ path, from: flags.model })),
  );
  const run: Run = { labelled, tags, flags, signal };
  const isReport = flags.save.includes('html');
  const first = await scoreModel(run, flags, isReport ? flags.worst : 0);
  const second = flags.against && (await scoreModel(run, { ...flags, ...flags.against }, 0, first.mapping));

  const { mapping, scored, worst, colors } = first;
  const { classes } = mapping;
  const scores = scoresOf(scored.matrix);
  const summary = summarize(scored.pictures, classes);
  const groups = summarizeGroups(scored.pictures, classes);
  const differences = second && differencesOf(scored.pictures, second.scored.pictures, classes);
  const data = {
    ...first.facts,
    pictures: scored.pictures.length,
    miou: scores.miou,
    frequencyWeightedIou: summary.frequencyWeightedIou.value,
    accuracy: scores.accuracy,
    meanAccuracy: summary.meanAccuracy.value,
    ...(summary.boundaryF && { boundaryF: summary.boundaryF.value, boundaryTolerance: flags.boundary }),
    ignored: scores.ignored,
    ignoredIds: scores.ignoredIds,
    absent: scores.absent.map((id) => classes[id]),
    iou: Object.fromEntries(classes.map((name, id) => [name, scores.iou[id]])),
    ...(scored.colors.size > 0 && { labelColors: [...scored.colors] }),
    failed: scored.failed,
    ...(flags.classes && { classes: asObject(flags.classes) }),
    ...(flags.labelClasses && { labelClasses: asObject(flags.labelClasses) }),
    intervals: { ...bootstrapDefaults, method: 'percentiles of drawings of pictures with replacement' },
    details: summary,
    groups,
    lowest: lowest(scored.pictures, 8),
    ...(second && { against: { ...second.facts, failed: second.scored.failed }, differences }),
  };
  const { level } = bootstrapDefaults;
  await saveScores(flags.output, flags.save, {
    data,
    classes,
    pictures: scored.pictures,
    summary,
    groups,
    report: {
      facts: reportFacts(first.facts, second?.facts),
      classes: classes.map((name, id) => ({ name, color: formatColor(colors[id]) })),
      summary,
      groups,
      pictures: scored.pictures,
      worst,
      failed: scored.failed,
      differences,
      level,
    },
  });
  const hasMore =
    flags.details || flags.classes || flags.labelClasses || flags.boundary !== undefined || groups.length > 0;
  print(flags, data, () =>
    [
      `${data.model} on ${data.runtime}: ${data.pictures} pictures`,
      ...scoreLines(classes, scores),
      ...(hasMore ? summaryLines(summary, level).map((lines) => `\n${lines}`) : []),
      ...groupLines(groups).map((lines) => `\n${lines}`),
      ...(second && differences
        ? [
            `\ncompared with ${inOneLine(second.facts)}: ${differences.pictures} pictures`,
            differenceLines(differences, level),
          ]
        : []),
    ].join('\n'),
  );
  noteScoring(scored, { flags, mapping, tags });
  if (second) noteFailures(second.scored);
}

/** What both models are run on. */
interface Run {
  readonly labelled: LabelledPictures;
  readonly tags: Scoring['tags'];
  readonly flags: EvaluateFlags;
  readonly signal: AbortSignal;
}

type Settings = Pick<EvaluateFlags, 'model' | 'runtime' | 'threads' | 'precision' | 'compute'>;

/** Loads a model, scores it on all pictures, and disposes of it. @param counted classes that another was scored by */
async function scoreModel(run: Run, settings: Settings, shown: number, counted?: Mapping) {
  const { labelled, tags, flags, signal } = run;
  const segmenter = await loadSegmenter(settings, signal);
  try {
    const names = segmenter.classes.map(({ name }) => name);
    const mapping = evaluateMapping(flags, { names, ignoreId: segmenter.config.ignoreId });
    if (counted) expectSameClasses(mapping, counted);
    const colors = flags.classes ? groupColors(mapping.classes.length) : paletteOf(segmenter.classes);
    const worst = worstPictures(shown, colors);
    const { scales, flip, window } = flags;
    const scored = await scoreAll(labelled, {
      segmenter,
      mapping,
      flags,
      views: { scales, flip, window },
      tags,
      signal,
      ...(shown > 0 && { onSeen: worst.add }),
    });
    const facts = {
      model: segmenter.config.name,
      runtime: segmenter.runtime,
      weights: segmenter.precision,
      compute: segmenter.compute,
      ...(scales && { scales }),
      ...(flip && { flip: true }),
      ...(window && { window }),
    };
    return { facts, mapping, scored, worst: worst.list, colors };
  } finally {
    await segmenter.dispose();
  }
}

/** @throws AtrousError `input` where scores of two models would not be of the same classes */
function expectSameClasses({ classes }: Mapping, { classes: first }: Mapping): void {
  if (classes.join() === first.join()) return;
  throw new AtrousError(
    'input',
    `--against: the first model is scored by ${first.join(', ')} and the second by ${classes.join(', ')}: give --classes that both have, e.g. background=background,person=*`,
  );
}

/** Colours of classes that are made of others: the first, mostly the background, dark. */
const groupColors = (count: number): Palette =>
  Array.from({ length: count }, (_, k) => colorOf(count > okabeIto.length ? krzywinski : okabeIto, k));

type Facts = Awaited<ReturnType<typeof scoreModel>>['facts'];

const inOneLine = ({ model, runtime, weights, compute }: Facts): string =>
  [`${model} on ${runtime}`, weights, compute === 'int8' && 'computed in 8 bits'].filter(Boolean).join(', ');

const reportFacts = (first: Facts, second?: Facts): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(first).map(([key, value]) => [key, String(value ?? 'as they are')])),
  ...(second && { 'compared with': inOneLine(second) }),
});

const asObject = (groups: readonly ClassGroup[]): Record<string, string> =>
  Object.fromEntries(groups.map(({ name, members }) => [name, members.join('+')]));
