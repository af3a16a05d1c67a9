import type { CountedPixels } from './pixels.ts';

/**
 * The grids that a matte is worked out on: blocks of the picture's pixels, and cells of blocks. Both follow from the
 * probability's size, so that a picture of 80 megapixels needs no more memory than one of two.
 */
export interface Grids {
  /** CountedPixels of the picture along a block's side. */
  readonly block: number;
  readonly width: number;
  readonly height: number;
  /** Blocks along a cell's side; the cells are what is known or open. */
  readonly cell: number;
  readonly cellsAcross: number;
  readonly cellsDown: number;
  /** Cells, not whole, between two samples of the probability. */
  readonly stride: number;
  /** What colour models are kept for: they change slowly. */
  readonly patches: Patches;
}

export interface Patches {
  /** Cells along a patch's side. */
  readonly cells: number;
  readonly across: number;
  readonly down: number;
  /** Patches, not whole, between two samples of the probability. */
  readonly stride: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const blocksPerSample = 8;
const mostBlocks = 2_000_000;
const mostCells = 200_000;

/** Blocks of 1 pixel where samples are up to 12 pixels apart, else about 8 along a sample; two cells along a sample, one patch. */
export function gridsOf(picture: Size, probability: Size): Grids {
  const apart = Math.max(1, picture.width / probability.width, picture.height / probability.height);
  let block = Math.max(1, Math.round(apart / blocksPerSample));
  while (Math.ceil(picture.width / block) * Math.ceil(picture.height / block) > mostBlocks) block++;
  const width = Math.ceil(picture.width / block);
  const height = Math.ceil(picture.height / block);
  let cell = Math.max(1, Math.round(apart / 2 / block));
  while (Math.ceil(width / cell) * Math.ceil(height / cell) > mostCells) cell++;
  const cellsAcross = Math.ceil(width / cell);
  const cellsDown = Math.ceil(height / cell);
  const stride = apart / (block * cell);
  return {
    block,
    width,
    height,
    cell,
    cellsAcross,
    cellsDown,
    stride,
    patches: patchesOf(cellsAcross, cellsDown, stride),
  };
}

function patchesOf(cellsAcross: number, cellsDown: number, stride: number): Patches {
  const cells = Math.max(1, Math.round(stride));
  return {
    cells,
    across: Math.ceil(cellsAcross / cells),
    down: Math.ceil(cellsDown / cells),
    stride: stride / cells,
  };
}

/** The mean colour of each block: red, green and blue, 0 to 255, composited on white as the network saw them. */
export function workingPicture(picture: CountedPixels, { block, width, height }: Grids): Float32Array {
  const { data, channels } = picture;
  const out = new Float32Array(width * height * 3);
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  for (let y = 0, p = 0; y < picture.height; y++) {
    const row = Math.floor(y / block) * width * 3;
    for (let x = 0, o = row, left = block; x < picture.width; x++, p += channels) {
      const alpha = channels === 4 ? data[p + 3] / 255 : 1;
      const white = 255 * (1 - alpha);
      out[o] += data[p] * alpha + white;
      out[o + 1] += data[p + green] * alpha + white;
      out[o + 2] += data[p + blue] * alpha + white;
      if (--left === 0) {
        left = block;
        o += 3;
      }
    }
  }
  if (block > 1) divideByCounts(out, picture, block, width);
  return out;
}

/** Blocks at the right and the lower edge may have fewer pixels. */
function divideByCounts(
  sums: Float32Array,
  picture: { width: number; height: number },
  block: number,
  width: number,
): void {
  for (let i = 0, o = 0; o < sums.length; i++, o += 3) {
    const x = (i % width) * block;
    const y = Math.floor(i / width) * block;
    const count = Math.min(block, picture.width - x) * Math.min(block, picture.height - y);
    sums[o] /= count;
    sums[o + 1] /= count;
    sums[o + 2] /= count;
  }
}
