/**
 * How a resize lines its samples up.
 * - `half-pixel`: pixels are areas, `src = (i + ½)·in/out − ½` (PyTorch `align_corners=False`, today's TensorFlow)
 * - `align-corners`: the corner pixels' centres meet, `src = i·(in − 1)/(out − 1)` (TensorFlow's DeepLab)
 * - `asymmetric`: `src = i·in/out` (TensorFlow 1's default)
 */
export type ResizeConvention = 'half-pixel' | 'align-corners' | 'asymmetric';

export const resizeConventions: readonly ResizeConvention[] = ['half-pixel', 'align-corners', 'asymmetric'];

/** For each output position along one axis: `out = in[lower] + (in[upper] − in[lower])·fraction`. */
export interface BilinearTaps {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  readonly fraction: Float32Array;
}

const sourcePosition: Record<ResizeConvention, (i: number, from: number, to: number) => number> = {
  'half-pixel': (i, from, to) => ((i + 0.5) * from) / to - 0.5,
  'align-corners': (i, from, to) => (to > 1 ? (i * (from - 1)) / (to - 1) : 0),
  asymmetric: (i, from, to) => (i * from) / to,
};

/** The taps of a bilinear resize along one axis, from `from` to `to` samples. Edges repeat. */
export function bilinearTaps(convention: ResizeConvention, from: number, to: number): BilinearTaps {
  const position = sourcePosition[convention];
  const lower = new Int32Array(to);
  const upper = new Int32Array(to);
  const fraction = new Float32Array(to);
  for (let i = 0; i < to; i++) {
    const source = Math.min(Math.max(position(i, from, to), 0), from - 1);
    lower[i] = Math.floor(source);
    upper[i] = Math.min(lower[i] + 1, from - 1);
    fraction[i] = source - lower[i];
  }
  return { lower, upper, fraction };
}
