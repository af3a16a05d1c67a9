/** A picture at the resolution of a feature map, and what a 3 × 3 kernel at some rate reads of it. */
const size = 512;
const kernel = [-1, 0, 1];

customElements.define(
  'drawn-atrous',
  class extends HTMLElement {
    picture = new Image();
    /** Where the kernel's middle stands, in pixels. */
    at = { x: 270, y: 150 };

    connectedCallback() {
      this.picture.src = this.dataset.picture!;
      this.picture.onload = () => this.draw();
      this.addEventListener('input', () => this.draw());
      const stage = this.querySelector<HTMLElement>('.stage')!;
      const follow = (event: PointerEvent) => {
        const { left, top, width, height } = stage.getBoundingClientRect();
        this.at = { x: ((event.clientX - left) / width) * size, y: ((event.clientY - top) / height) * size };
        this.draw();
      };
      stage.addEventListener('pointermove', follow);
      stage.addEventListener('pointerdown', follow);
      this.draw();
    }

    value(name: string): number {
      return Number(this.querySelector<HTMLInputElement>(`[name=${name}]:checked`)!.value);
    }

    draw() {
      const [stride, rate] = [this.value('atrous-stride'), this.value('rate')];
      const cells = size / stride;
      const canvas = this.querySelector('canvas')!;
      if (canvas.width !== cells) {
        canvas.width = cells;
        canvas.height = cells;
      }
      const context = canvas.getContext('2d')!;
      context.imageSmoothingQuality = 'high';
      if (this.picture.complete) context.drawImage(this.picture, 0, 0, cells, cells);

      const column = Math.min(cells - 1, Math.max(0, Math.floor(this.at.x / stride)));
      const row = Math.min(cells - 1, Math.max(0, Math.floor(this.at.y / stride)));
      const taps = kernel.flatMap((dy) =>
        kernel.map((dx) => ({ x: column + dx * rate, y: row + dy * rate })),
      );
      const inside = taps.filter(({ x, y }) => x >= 0 && y >= 0 && x < cells && y < cells);
      const reach = (2 * rate + 1) * stride;
      const [left, top] = [(column - rate) * stride, (row - rate) * stride];
      const mark = (x: number, y: number, names: string) =>
        `<rect x="${x * stride}" y="${y * stride}" width="${stride}" height="${stride}" ${names}/>`;
      this.querySelector('svg')!.innerHTML =
        `<rect x="${left}" y="${top}" width="${reach}" height="${reach}" fill="none" stroke="#fff" stroke-opacity=".8" stroke-dasharray="5 5"/>` +
        inside.map(({ x, y }) => mark(x, y, 'fill="#ffb454" stroke="#1a1204" stroke-width="1"')).join('') +
        mark(column, row, 'fill="#ff6b6b" stroke="#1a1204" stroke-width="1"');

      const outside = taps.length - inside.length;
      this.querySelector('figcaption')!.innerHTML =
        `At output stride ${stride} a picture of ${size} × ${size} is a map of <output>${cells} × ${cells}</output>: a value for each ${stride} × ${stride} pixels. ` +
        `A 3 × 3 kernel at rate ${rate} spans <output>${reach} × ${reach}</output> pixels with nine products, as it would at rate 1. ` +
        (outside > 0
          ? `<output>${outside}</output> of the nine ${outside === 1 ? 'reads' : 'read'} padding here.`
          : 'Move over the picture.');
    }
  },
);
