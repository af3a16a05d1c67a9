import { AtrousError } from '@atrous/tensor';
import { megabytes } from '../buffers.ts';
import { rangeBytes, type Sizes, type View } from './sizes.ts';
import type { RowRange, Step } from './step.ts';

/** Some rows of a step's output, and what it reads for them. */
export interface Band {
  /** Of values as they lie in the band. */
  readonly sizes: Sizes;
  /** Of the step's work: 1 where it is not divided. */
  readonly share: number;
  /** Bytes of a value's buffer that the band touches. */
  rangeOf(value: string): { readonly offset: number; readonly bytes: number };
}

export const rowBytes = ({ width, stride }: View): number => width * stride * 4;

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** Ranges of a buffer begin at multiples of so many rows. */
export const rowsApart = (bytes: number): number => rangeBytes / divisor(bytes, rangeBytes);

/** The values that a step reads. */
const valuesOf = ({ reads }: Step): string[] =>
  reads.flatMap((source) => (source !== 'taps' && 'value' in source ? [source.value] : []));

/**
 * A step in one band, or in as many as it takes for no kernel to read or write more than `mostBytes` of a buffer.
 * @throws AtrousError `memory` for a step that needs more of a value at once
 */
export function bandsOf(step: Step, sizes: Sizes, mostBytes: number): readonly Band[] {
  const { name, output, rowsOf } = step;
  const values = [output, ...valuesOf(step)];
  const viewOf = new Map(values.map((value) => [value, sizes.viewOf(value)]));
  const to = viewOf.get(output)!;
  const bytesOf = (view: View) => view.batch * view.height * rowBytes(view);
  const bandOf = (rows: RowRange): Band => {
    const views = new Map(
      [...viewOf].map(([value, view]): [string, View] => {
        const { begin, end } = value === output || !rowsOf ? rows : rowsOf(sizes, value, rows);
        const first = begin - (begin % rowsApart(rowBytes(view)));
        return [value, { ...view, row: first, height: end - first }];
      }),
    );
    return {
      sizes: { ...sizes, viewOf: (value) => views.get(value)! },
      share: (rows.end - rows.begin) / to.height,
      rangeOf: (value) => {
        const view = views.get(value)!;
        return { offset: view.row * rowBytes(view), bytes: bytesOf(view) };
      },
    };
  };
  const largest = Math.max(...[...viewOf.values()].map(bytesOf));
  if (largest <= mostBytes) {
    const whole = (value: string) => ({ offset: 0, bytes: bytesOf(viewOf.get(value)!) });
    return [{ sizes, share: 1, rangeOf: whole }];
  }
  const apart = Math.max(...[...viewOf.values()].map((view) => rowsApart(rowBytes(view))));
  for (let count = 2; rowsOf && to.batch === 1; count++) {
    const rows = Math.ceil(to.height / count / apart) * apart;
    const bands = Array.from({ length: Math.ceil(to.height / rows) }, (_, i) =>
      bandOf({ begin: i * rows, end: Math.min(to.height, (i + 1) * rows) }),
    );
    if (bands.every(({ rangeOf }) => values.every((value) => rangeOf(value).bytes <= mostBytes)))
      return bands;
    if (rows === apart) break;
  }
  throw new AtrousError(
    'memory',
    `webgpu: ${name} needs ${megabytes(largest)} of a value at once, this GPU takes at most ${megabytes(mostBytes)}: try one picture at a time, a smaller one or a smaller network`,
  );
}
