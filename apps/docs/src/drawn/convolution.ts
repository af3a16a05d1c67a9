/** Channels as sheets in columns; lines from what is read to what is written. */
const inputs = 3;
const outputs = 4;
const kernel = 3;
const padded = 8;
const side = padded - kernel + 1;
const cell = 10;
const height = 336;

type Tag = 'in' | 'mid' | 'out';
interface Column {
  readonly x: number;
  readonly cells: number;
  readonly sheets: number;
  readonly title: string;
}

/** The top of a sheet: columns are centred, whatever they hold. */
function top({ sheets, cells }: Column, index: number): number {
  const size = cells * cell;
  const gap = Math.min(18, (height - 24 - sheets * size) / Math.max(1, sheets - 1));
  return 24 + (height - 24 - sheets * size - (sheets - 1) * gap) / 2 + index * (size + gap);
}

const rect = (x: number, y: number, size: number, names: string, data = ''): string =>
  `<rect x="${x}" y="${y}" width="${size}" height="${size}" class="${names}" ${data}/>`;

function sheets(column: Column): string {
  const size = column.cells * cell;
  return Array.from({ length: column.sheets }, (_, i) => {
    const y = top(column, i);
    const lines = Array.from({ length: column.cells - 1 }, (_, k) => {
      const at = (k + 1) * cell;
      return `M${column.x + at} ${y}v${size}M${column.x} ${y + at}h${size}`;
    });
    return `${rect(column.x, y, size, 'sheet')}<path class="grid" d="${lines.join('')}"/>`;
  }).join('');
}

/** A window of a sheet, filled. */
const filled = (column: Column, sheet: number, row: number, at: number, size: number, tag: Tag): string =>
  rect(column.x + at * cell, top(column, sheet) + row * cell, size * cell, `window ${tag}`);

function line(
  from: Column,
  a: [number, number, number, number],
  to: Column,
  b: [number, number, number],
  tag: Tag,
): string {
  const [sheet, row, at, size] = a;
  const [target, targetRow, targetAt] = b;
  const x1 = from.x + (at + size) * cell;
  const y1 = top(from, sheet) + (row + size / 2) * cell;
  const y2 = top(to, target) + (targetRow + 0.5) * cell;
  return `<line class="${tag}" x1="${x1}" y1="${y1}" x2="${to.x + targetAt * cell}" y2="${y2}"/>`;
}

const titles = (columns: readonly Column[]): string =>
  columns
    .map(
      ({ x, cells, title }) =>
        `<text x="${x + (cells * cell) / 2}" y="11" text-anchor="middle">${title}</text>`,
    )
    .join('');

const targets = (column: Column): string =>
  Array.from({ length: column.sheets }, (_, sheet) =>
    Array.from({ length: column.cells ** 2 }, (_, i) =>
      rect(
        column.x + (i % column.cells) * cell,
        top(column, sheet) + Math.floor(i / column.cells) * cell,
        cell,
        '',
        `data-cell="${i}" data-channel="${sheet}"`,
      ),
    ).join(''),
  ).join('');

const input: Column = { x: 8, cells: padded, sheets: inputs, title: `${inputs} channels in` };
const middle: Column = { x: 192, cells: side, sheets: inputs, title: 'depthwise' };
const output: Column = { x: 366, cells: side, sheets: outputs, title: `${outputs} channels out` };
const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function ordinary(row: number, at: number, channel: number): string {
  return [
    titles([input, output]),
    sheets(input),
    sheets(output),
    ...all(inputs).flatMap((sheet) => [
      filled(input, sheet, row, at, kernel, 'in'),
      line(input, [sheet, row, at, kernel], output, [channel, row, at], 'in'),
    ]),
    filled(output, channel, row, at, 1, 'out'),
  ].join('');
}

function separable(row: number, at: number, channel: number): string {
  return [
    titles([input, middle, output]),
    sheets(input),
    sheets(middle),
    sheets(output),
    ...all(inputs).flatMap((sheet) => [
      filled(input, sheet, row, at, kernel, 'in'),
      line(input, [sheet, row, at, kernel], middle, [sheet, row, at], 'in'),
      filled(middle, sheet, row, at, 1, 'mid'),
      line(middle, [sheet, row, at, 1], output, [channel, row, at], 'mid'),
    ]),
    filled(output, channel, row, at, 1, 'out'),
  ].join('');
}

const number = new Intl.NumberFormat('en');
const products = {
  ordinary: kernel ** 2 * inputs * outputs * side ** 2,
  separable: (kernel ** 2 + outputs) * inputs * side ** 2,
};
const captions = {
  ordinary: `Each value is a sum over a ${kernel} × ${kernel} window of <em>all</em> ${inputs} channels, ${kernel ** 2 * inputs} products. For ${side} × ${side} places and ${outputs} channels that makes <output>${number.format(products.ordinary)}</output> multiply-adds.`,
  separable: `First each channel is filtered by itself: ${kernel ** 2} products. Then the channels are mixed at each place: ${inputs} products. All of it takes <output>${number.format(products.separable)}</output> multiply-adds, ${((100 * products.separable) / products.ordinary).toFixed(0)} % of the ordinary one.`,
};

customElements.define(
  'drawn-convolution',
  class extends HTMLElement {
    connectedCallback() {
      this.addEventListener('input', () => this.draw());
      this.querySelector('svg')!.addEventListener('pointerdown', (event) => this.point(event));
      this.querySelector('svg')!.addEventListener('pointermove', (event) => this.point(event));
      this.draw();
    }

    field(name: string): HTMLInputElement {
      return this.querySelector(`input[name=${name}]`)!;
    }

    point({ target }: Event) {
      const { cell: pixel, channel } = (target as SVGElement).dataset;
      if (pixel === undefined || channel === undefined) return;
      this.field('pixel').value = pixel;
      this.field('channel').value = channel;
      this.draw();
    }

    draw() {
      const isSeparable = this.querySelector<HTMLInputElement>('input:checked')!.value === 'separable';
      const pixel = Number(this.field('pixel').value);
      const channel = Number(this.field('channel').value);
      const [row, at] = [Math.floor(pixel / side), pixel % side];
      const drawing = (isSeparable ? separable : ordinary)(row, at, channel);
      this.querySelector('svg')!.innerHTML = drawing + targets(output);
      this.querySelector('[data-of=pixel]')!.textContent = `row ${row + 1}, column ${at + 1}`;
      this.querySelector('[data-of=channel]')!.textContent = `${channel + 1} of ${outputs}`;
      this.querySelector('figcaption')!.innerHTML = captions[isSeparable ? 'separable' : 'ordinary'];
    }
  },
);
