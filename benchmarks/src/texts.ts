// The parts of READMEs that results.json and webgpu.json write.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { details, sizes, summary } from './claims.ts';
import { gpuSummary, gpuTable } from './gpu_table.ts';
import { tables } from './table.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

interface Part {
  readonly file: string;
  /** Between `<!-- mark -->` and `<!-- end -->`. */
  readonly mark: string;
  readonly text: () => string;
  /** Within a line, not on lines of its own. */
  readonly isInline?: boolean;
}

/** A text of what a file of this folder holds. */
const from =
  (name: string) =>
  <T>(text: (results: T) => string) =>
  () =>
    text(JSON.parse(readFileSync(at(`benchmarks/${name}`), 'utf8')) as T);
const cpu = from('results.json');
const gpu = from('webgpu.json');

const parts: readonly Part[] = [
  { file: 'benchmarks/README.md', mark: 'results', text: cpu(tables) },
  { file: 'README.md', mark: 'speed', text: cpu(summary), isInline: true },
  { file: 'packages/runtime-wasm/README.md', mark: 'size', text: cpu(sizes), isInline: true },
  { file: 'packages/runtime-wasm/README.md', mark: 'speed', text: cpu(details) },
  { file: 'benchmarks/README.md', mark: 'webgpu', text: gpu(gpuTable) },
  { file: 'packages/runtime-webgpu/README.md', mark: 'speed', text: gpu(gpuSummary) },
];

/** A text with what stands between a part's marks replaced. @throws where there are no such marks */
function withPart(readme: string, { mark, isInline, file }: Part, text: string): string {
  const marks = new RegExp(`(<!-- ${mark} -->)[\\s\\S]*?(<!-- end -->)`);
  if (!marks.test(readme)) throw new Error(`${file}: has no <!-- ${mark} --> … <!-- end -->`);
  const gap = isInline ? '' : '\n';
  return readme.replace(marks, (_all, begin, end) => `${begin}${gap}${text}${gap}${end}`);
}

/** Each README as it is, and as the results say. */
export function texts(): { file: string; actual: string; expected: string }[] {
  return [...new Set(parts.map(({ file }) => file))].map((file) => {
    const actual = readFileSync(at(file), 'utf8');
    const expected = parts
      .filter((part) => part.file === file)
      .reduce((text, part) => withPart(text, part, part.text()), actual);
    return { file, actual, expected };
  });
}

/** Writes them. */
export function writeTexts(): void {
  for (const { file, actual, expected } of texts())
    if (actual !== expected) writeFileSync(at(file), expected);
}
