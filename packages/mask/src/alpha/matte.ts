import { colourModels } from './colour_models.ts';
import { type LocalLines, localLines } from './guided.ts';
import { type CountedPixels, pixelsOf } from './pixels.ts';
import { checkProbability, type Probability } from './probability.ts';
import { type Knowledge, knowledgeOf, openRuns } from './regions.ts';
import { alphaOfRow, coloursOfRow } from './rows.ts';
import { sampleProbability, sampler } from './sampled.ts';
import { secondLook } from './second_look.ts';
import { workingAlpha } from './working_alpha.ts';
import { type Grids, gridsOf, workingPicture } from './working_picture.ts';

/** What a picture's soft edges are made from: its size follows from the probability's, not from the picture's. */
export interface Matte {
  readonly picture: CountedPixels;
  readonly grids: Grids;
  readonly knowledge: Knowledge;
  readonly lines: LocalLines;
  readonly models: Float32Array;
}

/**
 * Looks for the edges of what is kept: hairs, blur and the network's steps become coverages between 0 and 1. Away from
 * edges all is 0 or 1, exactly. Specks and holes below half a percent of the largest area go.
 * @param picture grey, RGB or RGBA
 * @throws AtrousError `shape` for bytes that are no picture, and for a probability that does not fill its size
 */
export function matteOf(picture: Omit<CountedPixels, 'channels'>, probability: Probability): Matte {
  const pixels = pixelsOf(picture);
  checkProbability(probability);
  const grids = gridsOf(pixels, probability);
  const { block, cell } = grids;
  const ofCells = sampleProbability(probability, pixels, block * cell);
  const knowledge = knowledgeOf(ofCells, grids);
  const colors = workingPicture(pixels, grids);
  const ofBlocks = new Float32Array(grids.width * grids.height);
  const sample = sampler(probability, pixels, block);
  openRuns(knowledge, grids, (y, from, end) => sample(y, from, end, ofBlocks));
  const alphaBy = (models: Float32Array) => workingAlpha(colors, knowledge.state, models, ofBlocks, grids);
  const first = alphaBy(colourModels(colors, knowledge, grids));
  const models = colourModels(colors, secondLook(first, knowledge, grids), grids);
  const alpha = alphaBy(models);
  return { picture: pixels, grids, knowledge, models, lines: localLines(colors, alpha, knowledge, grids) };
}

/** What `ImageData` is made of, in the words of TypeScript before 5.7, too. */
type ClampedBytes = ReturnType<typeof Uint8ClampedArray.of>;

/** RGBA, row by row, alpha not multiplied in: what `ImageData` is made of. */
export interface CutOut {
  readonly width: number;
  readonly height: number;
  readonly data: ClampedBytes;
}

/** Rows of alpha, 0 to 255, times the picture's own. */
export function alphaRows(matte: Matte, from: number, rows: number): Uint8Array {
  const { width } = matte.picture;
  const out = new Uint8Array(rows * width);
  const alpha = alphaOfRow(matte);
  for (let y = 0; y < rows; y++) alpha(from + y, out.subarray(y * width, (y + 1) * width));
  return out;
}

/**
 * Rows of the cut-out, RGBA: where a pixel is partly covered, its colour is that of what is kept, without what was
 * behind it. Where nothing is kept all four bytes are 0. No other rows of the picture are read: of RGBA, a row may be
 * written over once it is made.
 */
export function cutOutRows(matte: Matte, from: number, rows: number): ClampedBytes {
  const { width } = matte.picture;
  const out = new Uint8ClampedArray(rows * width * 4);
  const line = new Uint8Array(width);
  const alpha = alphaOfRow(matte);
  const colours = coloursOfRow(matte);
  for (let y = 0; y < rows; y++) {
    alpha(from + y, line);
    colours(from + y, line, out.subarray(y * width * 4, (y + 1) * width * 4));
  }
  return out;
}

/** The picture where the probability's classes are, with soft edges. @throws AtrousError `shape` */
export function softCutOut(picture: Omit<CountedPixels, 'channels'>, probability: Probability): CutOut {
  const { width, height } = picture;
  return { width, height, data: cutOutRows(matteOf(picture, probability), 0, height) };
}
