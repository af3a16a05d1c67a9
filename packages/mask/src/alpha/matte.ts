import { colourModels } from './colour_models.ts';
import { type LocalLines, localLines } from './guided.ts';
import { type CountedPixels, pixelsOf } from './pixels.ts';
import { checkProbability, type Probability } from './probability.ts';
import { type Knowledge, knowledgeOf, openRuns } from './regions.ts';
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
