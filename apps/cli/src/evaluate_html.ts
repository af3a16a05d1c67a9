import {
  type Differences,
  type GroupSummary,
  measuresOf,
  type ScoredPicture,
  type Summary,
} from '@atrous/dataset';
import { differenceHeader, differenceRows } from './evaluate_against.ts';
import { groupTables, summaryTables } from './evaluate_report.ts';
import type { ShownPicture } from './evaluate_worst.ts';
import { percent } from './output.ts';

/** What a report is made of. */
export interface ReportData {
  /** Names of facts, and the facts: model, runtime, … */
  readonly facts: Readonly<Record<string, string>>;
  readonly classes: readonly { readonly name: string; readonly color: string }[];
  readonly summary: Summary;
  readonly groups: readonly GroupSummary[];
  readonly pictures: readonly ScoredPicture[];
  readonly worst: readonly ShownPicture[];
  readonly failed: readonly { readonly input: string; readonly error: string }[];
  readonly differences?: Differences;
  /** Of the intervals, e.g. 0.95. */
  readonly level: number;
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => escapes[char]);

function htmlTable([header, ...rows]: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    row
      .map(
        (cell) =>
          `<${tag}${/^[a-z]/i.test(cell) && tag === 'td' ? ' class="text"' : ''}>${escaped(cell.trim())}</${tag}>`,
      )
      .join('');
  const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n');
  return `<div class="table"><table>\n<thead><tr>${cells('th', header)}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table></div>`;
}

const section = (title: string, ...parts: readonly string[]): string =>
  parts.some(Boolean) ? `<section>\n<h2>${escaped(title)}</h2>\n${parts.join('\n')}\n</section>` : '';

function figures({ name, miou, picture, labels, prediction, errors }: ShownPicture): string {
  const views = { picture, labels, prediction, errors };
  const drawn = Object.entries(views).map(
    ([what, src]) =>
      `<figure><img loading="lazy" alt="${escaped(`${name}: ${what}`)}" src="${src}"><figcaption>${what}</figcaption></figure>`,
  );
  return `<article><h3>${escaped(name)} <small>mean IoU ${percent(miou)}</small></h3><div class="views">${drawn.join('')}</div></article>`;
}

/** All pictures, the worst first. */
function pictureRows(pictures: readonly ScoredPicture[], classes: readonly string[]): string[][] {
  const orDash = (share: number | null) => (share === null ? '–' : percent(share));
  const scored = pictures.map(({ name, tally }) => ({ name, ...measuresOf(tally) }));
  scored.sort((a, b) => (a.miou ?? 2) - (b.miou ?? 2) || (a.name < b.name ? -1 : 1));
  return [
    ['picture', 'mean IoU', 'accuracy', ...classes],
    ...scored.map(({ name, miou, accuracy, iou }) => [
      name,
      orDash(miou),
      orDash(accuracy),
      ...iou.map(orDash),
    ]),
  ];
}

const style = `:root{color-scheme:light dark;--line:#8884;--quiet:#888}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:96rem;padding:0 1.5rem}
h1,h2,h3{line-height:1.2}h2{margin-top:2.5rem}h3 small,.quiet,figcaption{color:var(--quiet);font-weight:normal}
.table{overflow:auto;max-height:40rem;margin:1rem 0}table{border-collapse:collapse}
th,td{padding:.25rem .75rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child,.text{text-align:left}thead th{position:sticky;top:0;background:Canvas}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1.5rem}dt{color:var(--quiet)}dd{margin:0}
.views{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:.75rem}
figure{margin:0}img{width:100%;height:auto;display:block;border-radius:4px}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:0;list-style:none}
.legend i{display:inline-block;width:.9em;height:.9em;border-radius:3px;margin-right:.4em;vertical-align:-.1em;border:1px solid var(--line)}
.failed{color:#c33}`;

/** The scores of a set as one HTML file: no script, nothing from elsewhere. */
export function reportHtml(data: ReportData): string {
  const { facts, classes, summary, groups, pictures, worst, failed, differences, level } = data;
  const names = classes.map(({ name }) => name);
  const entries = Object.entries(facts).map(
    ([key, value]) => `<dt>${escaped(key)}</dt><dd>${escaped(value)}</dd>`,
  );
  const legend = classes.map(
    ({ name, color }) => `<li><i style="background:${escaped(color)}"></i>${escaped(name)}</li>`,
  );
  const title = `${facts.model ?? 'model'}: ${summary.pictures} pictures`;
  const body = [
    `<h1>${escaped(title)}</h1>`,
    `<dl>${entries.join('')}</dl>`,
    section('Scores', ...summaryTables(summary, level).map(htmlTable)),
    differences
      ? section('Compared', htmlTable([differenceHeader(level), ...differenceRows(differences)]))
      : '',
    section('By group', ...groupTables(groups).map(htmlTable)),
    section(
      `The ${worst.length} pictures with the lowest mean IoU`,
      ...(worst.length > 0
        ? [
            '<p class="quiet">In the errors, red is wrong, grey is right, and light has no label.</p>',
            `<ul class="legend">${legend.join('')}</ul>`,
            ...worst.map(figures),
          ]
        : []),
    ),
    section(
      'Failed',
      ...failed.map(({ input, error }) => `<p class="failed">${escaped(`${input}: ${error}`)}</p>`),
    ),
    section('All pictures', htmlTable(pictureRows(pictures, names))),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
${body.filter(Boolean).join('\n')}
</body>
</html>
`;
}
