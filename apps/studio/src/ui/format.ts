/** Numbers as people read them. */

export const bytes = (count: number): string =>
  count < 1e6 ? `${Math.round(count / 1e3)} kB` : `${(count / 1e6).toFixed(1)} MB`;

export const percent = (share: number): string =>
  share > 0 && share < 0.001 ? '< 0.1 %' : `${(share * 100).toFixed(1)} %`;

export const milliseconds = (time: number): string => `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;

export const seconds = (time: number): string =>
  `${Math.floor(time / 60)}:${String(Math.floor(time % 60)).padStart(2, '0')}`;

const units = ['', 'k', 'M', 'G'] as const;

/** e.g. `3.2 M` */
export function short(count: number): string {
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)));
  const value = count / 1000 ** step;
  return `${value < 10 && step > 0 ? value.toFixed(1) : Math.round(value)} ${units[step]}`.trim();
}

export const threadsOf = ({ threads }: { readonly threads: number }): string =>
  `${threads} thread${threads === 1 ? '' : 's'}`;

/** What computing in 8 bits costs a model, as its config says. */
export function lossOf(loss: { readonly miou: number; readonly sameLabels: number } | undefined): string {
  if (!loss) return 'faster, and less exact: by how much was not measured for this model';
  const sign = loss.miou < 0 ? '−' : '+';
  const points = `${sign}${Math.abs(loss.miou).toFixed(2)}`;
  return `faster; mean IoU ${points} points, ${(100 * loss.sameLabels).toFixed(1)} % of labels the same`;
}
