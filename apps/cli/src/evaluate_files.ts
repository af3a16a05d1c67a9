import { join } from 'node:path';
import { makeFolder, writeWhole } from '@atrous/checkpoint/node';
import {
  csvLine,
  type Estimate,
  type GroupSummary,
  measuresOf,
  type ScoredPicture,
  type Summary,
} from '@atrous/dataset';
import { type ReportData, reportHtml } from './evaluate_html.ts';
import { printableJson } from './printable.ts';

export const scoreFormats = ['csv', 'json', 'html'] as const;
export type ScoreFormat = (typeof scoreFormats)[number];

const filesOf: Record<ScoreFormat, readonly string[]> = {
  csv: ['scores.csv', 'pictures.csv'],
  json: ['scores.json'],
  html: ['report.html'],
};

/** What would be written. */
export const scoreFiles = (folder: string, formats: readonly ScoreFormat[]): string[] =>
  formats.flatMap((format) => filesOf[format].map((file) => join(folder, file)));

/** What is written. */
export interface ScoreResult {
  /** As `--json` prints it. */
  readonly data: unknown;
  readonly classes: readonly string[];
  readonly pictures: readonly ScoredPicture[];
  readonly summary: Summary;
  readonly groups: readonly GroupSummary[];
  /** Where `html` is asked for. */
  readonly report?: ReportData;
}

/** Writes scores.json, scores.csv (a row per group, class and measure), pictures.csv (a row per picture) and report.html. */
export async function saveScores(
  folder: string,
  formats: readonly ScoreFormat[],
  result: ScoreResult,
): Promise<void> {
  const texts: Record<string, () => string> = {
    'scores.json': () => `${printableJson(result.data)}\n`,
    'scores.csv': () => scoresTable(result),
    'pictures.csv': () => picturesTable(result),
    'report.html': () => reportHtml(result.report!),
  };
  if (formats.length > 0) await makeFolder(folder);
  for (const file of formats.flatMap((format) => filesOf[format]))
    await writeWhole(join(folder, file), texts[file]());
}

function scoresTable({ summary, groups }: ScoreResult): string {
  const lines = [{ by: '', group: 'all', ...summary }, ...groups].flatMap(
    ({ by, group, pictures, classes, ...whole }) => {
      const of = (name: string, measures: Readonly<Record<string, unknown>>) =>
        Object.entries(measures).flatMap(([measure, estimate]) =>
          isEstimate(estimate)
            ? [csvLine([by, group, pictures, name, measure, estimate.value, estimate.low, estimate.high])]
            : [],
        );
      return [
        ...of('', { ...whole }),
        ...Object.entries(classes).flatMap(([name, measures]) => of(name, { ...measures })),
      ];
    },
  );
  return [csvLine(['by', 'group', 'pictures', 'class', 'measure', 'value', 'low', 'high']), ...lines].join(
    '',
  );
}

/** What has an interval; counts and means over pictures have none. */
const isEstimate = (value: unknown): value is Estimate =>
  typeof value === 'object' && value !== null && 'low' in value;

function picturesTable({ classes, pictures }: ScoreResult): string {
  const groupings = [...new Set(pictures.flatMap(({ tags }) => Object.keys(tags)))];
  const header = ['picture', ...groupings, 'miou', 'accuracy', ...classes.map((name) => `iou ${name}`)];
  const rows = pictures.map(({ name, tally, tags }) => {
    const { iou, miou, accuracy } = measuresOf(tally);
    return csvLine([name, ...groupings.map((by) => tags[by] ?? ''), miou, accuracy, ...iou]);
  });
  return [csvLine(header), ...rows].join('');
}
