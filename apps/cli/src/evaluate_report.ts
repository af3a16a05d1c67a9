import type { Estimate, GroupSummary, Share, Summary } from '@atrous/dataset';
import { percent, table } from './output.ts';

const orDash = (share: Share): string => (share === null ? '–' : percent(share));

/** `93.1 % (92.0 to 94.1)` */
function withInterval({ value, low, high }: Estimate): string {
  if (value === null) return '–';
  if (low === null || high === null) return percent(value);
  return `${percent(value)} (${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)})`;
}

/** All scores of a set with their intervals, as tables of text: by class, then of the whole. */
export function summaryTables(summary: Summary, level: number): string[][][] {
  const hasBorders = summary.boundaryF !== undefined;
  const header = [
    '',
    `IoU (${level * 100} %)`,
    'precision',
    'recall',
    'F1 = Dice',
    'IoU, mean over pictures',
    ...(hasBorders ? ['boundary F, mean over pictures'] : []),
  ];
  const rows = Object.entries(summary.classes).map(
    ([name, { iou, precision, recall, f1, iouOverPictures, boundaryF }]) => [
      `  ${name}`,
      withInterval(iou),
      orDash(precision.value),
      orDash(recall.value),
      orDash(f1.value),
      orDash(iouOverPictures),
      ...(boundaryF ? [withInterval(boundaryF)] : []),
    ],
  );
  return [
    [header, ...rows],
    [
      ['of the whole', '', `score (${level * 100} %)`],
      ['mean IoU', 'one ratio over all pixels, by class', withInterval(summary.miou)],
      ['', 'mean over pictures', orDash(summary.miouOverPictures)],
      [
        'frequency-weighted IoU',
        'by class, weighted by its pixels',
        withInterval(summary.frequencyWeightedIou),
      ],
      ['pixel accuracy', 'one ratio over all pixels', withInterval(summary.accuracy)],
      ['', 'mean over pictures', orDash(summary.accuracyOverPictures)],
      ['mean accuracy', 'mean of the recalls', withInterval(summary.meanAccuracy)],
      ...(summary.boundaryF
        ? [['boundary F', 'mean over pictures, then over classes', withInterval(summary.boundaryF)]]
        : []),
    ],
  ];
}

/** Scores by group, a table per grouping: with a column per class where there are few. */
export function groupTables(groups: readonly GroupSummary[]): string[][][] {
  const names = Object.keys(groups[0]?.classes ?? {});
  const shown = names.length <= 4 ? names : [];
  return [...new Set(groups.map(({ by }) => by))].map((by) => {
    const own = groups.filter((group) => group.by === by);
    const rows = own.map(({ group, pictures, miou, classes }) => [
      `  ${group}`,
      String(pictures),
      withInterval(miou),
      ...shown.map((name) => withInterval(classes[name].iou)),
    ]);
    return [[`by ${by}`, 'pictures', 'mean IoU', ...shown], ...rows];
  });
}

/** Line by line. */
export const summaryLines = (summary: Summary, level: number): string[] =>
  summaryTables(summary, level).map(table);

/** Line by line. */
export const groupLines = (groups: readonly GroupSummary[]): string[] => groupTables(groups).map(table);
