import { AtrousError } from '@atrous/tensor';
import type { LabelMap } from './label_map.ts';
import { type Regions, runsOf } from './runs.ts';

/** A binary mask as COCO writes it: `counts` is what pycocotools calls compressed RLE. */
export interface CocoRle {
  readonly size: readonly [height: number, width: number];
  readonly counts: string;
}

/** Five bits to a character, the sixth says that more follow, from character 48 on (pycocotools, `rleToString`). */
function compress(runs: readonly number[]): string {
  const characters: string[] = [];
  runs.forEach((run, i) => {
    let rest = i > 2 ? run - runs[i - 2] : run;
    for (let more = true; more; ) {
      const bits = rest & 0x1f;
      rest >>= 5;
      more = bits & 0x10 ? rest !== -1 : rest !== 0;
      characters.push(String.fromCharCode(48 + (more ? bits | 0x20 : bits)));
    }
  });
  return characters.join('');
}

function expand(counts: string): number[] {
  const runs: number[] = [];
  let at = 0;
  while (at < counts.length) {
    let run = 0;
    let shift = 0;
    for (let more = true; more; shift += 5) {
      const code = counts.charCodeAt(at) - 48;
      if (!(code >= 0 && code < 64) || shift > 30)
        throw new AtrousError(
          'format',
          `RLE counts: invalid character at index ${at}: expected COCO's compressed RLE, characters 48 ("0") to 111 ("o")`,
        );
      at++;
      run |= (code & 0x1f) << shift;
      more = (code & 0x20) !== 0;
      if (!more && code & 0x10 && shift < 25) run |= -1 << (shift + 5);
    }
    if (runs.length > 2) run += runs[runs.length - 2];
    runs.push(run);
  }
  return runs;
}

/** The pixels of one class as COCO RLE, as pycocotools' `encode` gives it. */
export function encodeRle(labels: LabelMap, id: number): CocoRle {
  const of = labels.data.map((label) => (label === id ? 1 : 0));
  return regionRles({ ...labels, of, count: 2 })[1];
}

/** COCO RLEs of all regions of a picture, in one pass over its pixels. */
export function regionRles(regions: Regions): CocoRle[] {
  const { width, height, count } = regions;
  const { begin, start, length } = runsOf(regions, 'columns');
  return Array.from({ length: count }, (_, region) => {
    const lengths: number[] = []; // of pixels outside and inside in turn, outside first
    let position = 0;
    for (let i = begin[region]; i < begin[region + 1]; i++) {
      lengths.push(start[i] - position, length[i]);
      position = start[i] + length[i];
    }
    if (position < width * height) lengths.push(width * height - position);
    return { size: [height, width], counts: compress(lengths) };
  });
}

/** A binary mask from COCO RLE: 1 inside, 0 outside. @throws AtrousError `format` when its runs do not fill its size */
export function decodeRle({ size: [height, width], counts }: CocoRle): LabelMap {
  const runs = expand(counts);
  const total = runs.reduce((sum, run) => sum + run, 0);
  if (total !== height * width || runs.some((run) => run < 0))
    throw new AtrousError(
      'format',
      `RLE counts: runs of ${total} pixels in a mask of ${height}×${width} = ${height * width}`,
    );
  const data = new Uint8Array(height * width);
  let at = 0;
  runs.forEach((run, i) => {
    for (const end = at + run; at < end; at++) {
      if (i % 2 === 1) data[(at % height) * width + Math.floor(at / height)] = 1;
    }
  });
  return { height, width, data };
}
