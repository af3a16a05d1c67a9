import { AtrousError } from '@atrous/tensor';
import type { ComparedNetwork } from './networks.ts';
import { around, type Box, placeLabels } from './place_labels.ts';

const width = 860;
const height = 540;
const plot = { left: 72, right: 28, top: 76, bottom: 64 };
const colours = {
  ordinary: '#7a8ba3',
  separable: '#d9622b',
  grid: '#e6e8ec',
  text: '#2b2f36',
  quiet: '#6b7280',
};
/** Square pixels of a circle for a million parameters. */
const areaPerMillion = 60;

const radiusOf = (parameters: number) => Math.sqrt((parameters / 1e6) * (areaPerMillion / Math.PI));
const fixed = (value: number) => String(Number(value.toFixed(1)));
const escaped = (text: string) => text.replace(/[<>&"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

interface Point {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly parameters: number;
  readonly isSeparable: boolean;
  /** Where the network would be with ordinary convolutions. */
  readonly ordinary: { readonly x: number; readonly radius: number };
}

const span = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);

/** 1, 2 and 5 times the powers of ten. */
const logTicks = (low: number, high: number) =>
  span(-3, 3)
    .flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power))
    .filter((tick) => tick >= low && tick <= high);

/**
 * Accuracy over multiply-adds, the area of a circle being the parameters: an SVG document. Where a network has separable
 * convolutions, a dashed circle stands where it would be with ordinary ones.
 * @throws AtrousError `input` where no network has a published accuracy
 */
export function chart(networks: readonly ComparedNetwork[], input: string): string {
  const drawn = networks.flatMap(({ published, ...rest }) => (published ? [{ ...rest, ...published }] : []));
  if (drawn.length === 0) {
    throw new AtrousError('input', 'a chart needs a network with a published accuracy on ImageNet');
  }
  const giga = drawn.flatMap(({ macs, ordinary }) => [macs / 1e9, ordinary.macs / 1e9]);
  const [low, high] = [Math.min(...giga) / 1.6, Math.max(...giga) * 1.6];
  const accuracies = drawn.map(({ top1 }) => top1);
  const [bottom, top] = [2 * Math.floor(Math.min(...accuracies) / 2 - 1), Math.max(...accuracies) + 2];

  const inner = { width: width - plot.left - plot.right, height: height - plot.top - plot.bottom };
  const xOf = (value: number) => plot.left + (Math.log(value / low) / Math.log(high / low)) * inner.width;
  const yOf = (value: number) => plot.top + ((top - value) / (top - bottom)) * inner.height;

  const points = drawn.map(({ network, macs, ordinary, parameters, top1 }): Point => {
    return {
      name: network,
      x: xOf(macs / 1e9),
      y: yOf(top1),
      radius: radiusOf(parameters),
      parameters,
      isSeparable: ordinary.macs > macs,
      ordinary: { x: xOf(ordinary.macs / 1e9), radius: radiusOf(ordinary.parameters) },
    };
  });
  const frame = { left: plot.left, top: plot.top, right: width - plot.right, bottom: height - plot.bottom };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="${colours.text}">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(plot.left, 30, `ImageNet accuracy over multiply-adds at ${input}`, { size: 18, weight: 600 }),
    text(
      plot.left,
      52,
      'Area and number: parameters. Dashed: the same network with ordinary convolutions in place of separable ones.',
      { fill: colours.quiet },
    ),
    ...axes(frame, logTicks(low, high), span(bottom, top, 2), xOf, yOf),
    // large ones first, so that small ones stay visible
    ...points.filter(({ isSeparable }) => isSeparable).map(replaced),
    ...points.toSorted((a, b) => b.radius - a.radius).map(circle),
    ...labels(points, frame),
    '</svg>',
    '',
  ].join('\n');
}

interface TextStyle {
  readonly size?: number;
  readonly weight?: number;
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** White around the letters, where lines run behind them. */
  readonly halo?: boolean;
}

function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size, weight, fill, anchor, halo } = style;
  const attributes = [
    size && ` font-size="${size}"`,
    weight && ` font-weight="${weight}"`,
    fill && ` fill="${fill}"`,
    anchor && ` text-anchor="${anchor}"`,
    halo && ' paint-order="stroke" stroke="#ffffff" stroke-width="4" stroke-linejoin="round"',
  ];
  return `<text x="${fixed(x)}" y="${fixed(y)}"${attributes.filter(Boolean).join('')}>${escaped(content)}</text>`;
}

function axes(
  frame: Box,
  xTicks: readonly number[],
  yTicks: readonly number[],
  xOf: (value: number) => number,
  yOf: (value: number) => number,
): string[] {
  const line = (x1: number, y1: number, x2: number, y2: number) =>
    `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}" stroke="${colours.grid}"/>`;
  const quiet = { fill: colours.quiet } as const;
  const middle = (frame.top + frame.bottom) / 2;
  return [
    ...xTicks.flatMap((tick) => [
      line(xOf(tick), frame.top, xOf(tick), frame.bottom),
      text(xOf(tick), frame.bottom + 20, `${fixed(tick)} G`, { ...quiet, anchor: 'middle' }),
    ]),
    ...yTicks.flatMap((tick) => [
      line(frame.left, yOf(tick), frame.right, yOf(tick)),
      text(frame.left - 10, yOf(tick) + 4, `${tick} %`, { ...quiet, anchor: 'end' }),
    ]),
    text((frame.left + frame.right) / 2, frame.bottom + 46, 'multiply-adds', { anchor: 'middle' }),
    `<g transform="translate(22 ${middle}) rotate(-90)">${text(0, 0, 'top-1 accuracy, as published', { anchor: 'middle' })}</g>`,
  ];
}

const colourOf = ({ isSeparable }: Point) => (isSeparable ? colours.separable : colours.ordinary);

const circle = (point: Point): string =>
  `<circle cx="${fixed(point.x)}" cy="${fixed(point.y)}" r="${fixed(point.radius)}" fill="${colourOf(point)}" fill-opacity="0.55" stroke="${colourOf(point)}"/>`;

/** From a network to where ordinary convolutions would put it. */
function replaced(point: Point): string {
  const dashes = `fill="none" stroke="${colours.separable}" stroke-dasharray="4 4" stroke-opacity="0.7"`;
  const { left, right, top: y } = wayOf(point);
  const { x, radius } = point.ordinary;
  return `<path d="M${fixed(left)} ${fixed(y)}H${fixed(right)}" ${dashes}/><circle cx="${fixed(x)}" cy="${fixed(y)}" r="${fixed(radius)}" ${dashes}/>`;
}

/** The dashed line, as a box without height. */
function wayOf({ x, y, radius, ordinary }: Point): Box {
  const left = x + radius;
  return { left, right: Math.max(left, ordinary.x - ordinary.radius), top: y, bottom: y };
}

function labels(points: readonly Point[], frame: Box): string[] {
  const texts = points.map(({ name, parameters }) => `${name}, ${fixed(parameters / 1e6)} M`);
  const obstacles = points
    .filter(({ isSeparable }) => isSeparable)
    .flatMap((point) => {
      const { left, right, top } = wayOf(point);
      const line = { left, right, top: top - 4, bottom: top + 4 };
      return [line, around({ ...point.ordinary, y: point.y })];
    });
  return placeLabels(points, texts, { frame, obstacles }).map(({ x, y }, i) => {
    return text(x, y, texts[i], { halo: true });
  });
}
