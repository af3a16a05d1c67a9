import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCsv, type ScoredPicture, summarize, summarizeGroups } from '@atrous/dataset';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveScores, scoreFiles } from './evaluate_files.ts';
import { groupLines, summaryLines } from './evaluate_report.ts';
import { tagsOf } from './evaluate_tags.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-scores-'));
});
afterAll(() => rm(folder, { recursive: true }));

const picture = (name: string, both: number[], place?: string): ScoredPicture => ({
  name,
  tally: { truth: Float64Array.of(6, 4), predicted: Float64Array.of(6, 4), both: Float64Array.from(both) },
  tags: place ? { place } : {},
});
const classes = ['sky', 'car, red'];
const pictures = [picture('a', [6, 4], 'in'), picture('b', [5, 3], 'out'), picture('c', [5, 3])];
const summary = summarize(pictures, classes);
const groups = summarizeGroups(pictures, classes);

test('the files that are announced are written, and hold the scores', async () => {
  const output = join(folder, 'new');
  await saveScores(output, ['csv', 'json'], { data: { miou: 1 }, classes, pictures, summary, groups });
  expect((await readdir(output)).map((name) => join(output, name)).sort()).toEqual(
    scoreFiles(output, ['csv', 'json']).sort(),
  );
  const read = (name: string) => readFile(join(output, name), 'utf8');
  expect(JSON.parse(await read('scores.json'))).toEqual({ miou: 1 });
  const [header, first, ...rows] = parseCsv(await read('scores.csv'));
  expect(header).toEqual(['by', 'group', 'pictures', 'class', 'measure', 'value', 'low', 'high']);
  expect(first.slice(0, 5)).toEqual(['', 'all', '3', '', 'miou']);
  expect(rows).toHaveLength(3 * (4 + 2 * 4) - 1);
  const car = rows.find((row) => row[1] === 'all' && row[3] === 'car, red' && row[4] === 'iou');
  expect(Number(car?.[5])).toBeCloseTo(10 / 14, 12);
  const each = parseCsv(await read('pictures.csv'));
  expect(each[0]).toEqual(['picture', 'place', 'miou', 'accuracy', 'iou sky', 'iou car, red']);
  expect(each[2].slice(0, 2)).toEqual(['b', 'out']);
  expect(each[3][1]).toBe('');
  expect(Number(each[2][4])).toBeCloseTo(5 / 7, 12);
});

test('as text: ratios over all pixels with intervals, and means over pictures, by their names', () => {
  const text = summaryLines(summary, 0.95).join('\n');
  expect(text).toContain('IoU (95 %)');
  expect(text).toMatch(/car, red +71\.4 % \(60\.0 to 100\.0\) +83\.3 % +83\.3 % +83\.3 % +73\.3 %/);
  expect(text).toMatch(/mean IoU +one ratio over all pixels, by class +75\.7 %/);
  expect(text).toMatch(/mean over pictures +77\.1 %/);
  expect(text).toMatch(/frequency-weighted IoU [^\n]+76\.6 %/);
  expect(text).toMatch(/mean accuracy +mean of the recalls +86\.1 %/);
  expect(text).not.toContain('boundary F');
  expect(groupLines(groups).join('\n')).toMatch(/by place +pictures +mean IoU[^\n]*\n +in +1 +100\.0 %/);
});

test('tags: those of the table by name, the size of all classes but the first, and the colour', () => {
  const table = new Map([['a', { place: 'indoor' }]]);
  const { tally } = pictures[0];
  const pixels = { width: 1, height: 1, data: Uint8Array.of(9, 9, 9) };
  expect(tagsOf('a.jpg', tally, pixels, ['size', 'colour'], table)).toEqual({
    place: 'indoor',
    size: '30 % and more',
    colour: 'grey',
  });
  expect(tagsOf('b.jpg', tally, undefined, [], table)).toEqual({});
});
