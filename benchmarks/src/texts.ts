// The parts of READMEs that results.json writes.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { details, sizes, summary } from './claims.ts';
import type { Results } from './results.ts';
import { tables } from './table.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

interface Part {
  readonly file: string;
  /** Between `<!-- mark -->` and `<!-- end -->`. */
  readonly mark: string;
  readonly text: (results: Results) => string;
  /** Within a line, not on lines of its own. */
  readonly isInline?: boolean;
}

const parts: readonly Part[] = [
  { file: 'benchmarks/README.md', mark: 'results', text: tables },
  { file: 'README.md', mark: 'speed', text: summary, isInline: true },
  { file: 'packages/runtime-wasm/README.md', mark: 'size', text: sizes, isInline: true },
  { file: 'packages/runtime-wasm/README.md', mark: 'speed', text: details },
];

/** A text with what stands between a part's marks replaced. @throws where there are no such marks */
function withPart(readme: string, { mark, isInline, file }: Part, text: string): string {
  const marks = new RegExp(`(<!-- ${mark} -->)[\\s\\S]*?(<!-- end -->)`);
  if (!marks.test(readme)) throw new Error(`${file}: has no <!-- ${mark} --> … <!-- end -->`);
  const gap = isInline ? '' : '\n';
  return readme.replace(marks, (_all, begin, end) => `${begin}${gap}${text}${gap}${end}`);
}

/** Each README as it is, and as results.json says. */
export function texts(): { file: string; actual: string; expected: string }[] {
  const results = JSON.parse(readFileSync(at('benchmarks/results.json'), 'utf8')) as Results;
  return [...new Set(parts.map(({ file }) => file))].map((file) => {
    const actual = readFileSync(at(file), 'utf8');
    const expected = parts
      .filter((part) => part.file === file)
      .reduce((text, part) => withPart(text, part, part.text(results)), actual);
    return { file, actual, expected };
  });
}

/** Writes them. */
export function writeTexts(): void {
  for (const { file, actual, expected } of texts())
    if (actual !== expected) writeFileSync(at(file), expected);
}
