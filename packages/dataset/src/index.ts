export {
  type BootstrapOptions,
  bootstrap,
  bootstrapDefaults,
  type Interval,
  type MeasureIntervals,
  measureIntervals,
} from './bootstrap.ts';
export {
  type BoundaryTally,
  boundaryScores,
  boundaryTolerance,
  countBoundary,
} from './boundary.ts';
export {
  type ClassGroup,
  formatClassGroups,
  idsOfGroups,
  ownGroups,
  parseClassGroups,
} from './class_groups.ts';
export {
  type ClassTable,
  type ClassTableOptions,
  classTable,
  ignoredPixel,
  ownTable,
  remap,
  unmapped,
} from './class_table.ts';
export { type CocoLabels, openCoco } from './coco_labels.ts';
export { addCounts, countPicture, type Mapping } from './count.ts';
export { csvLine, parseCsv, parseTags } from './csv.ts';
export { type Difference, type Differences, differencesOf } from './differences.ts';
export { colourGroup, type Group, groupsOf, sizeGroup, sizeGroups, type Tags } from './groups.ts';
export {
  formatByName,
  type LabelFormat,
  type LabelFormatName,
  labelFormats,
  withClassIds,
} from './label_formats.ts';
export { type Measures, measuresOf, type PictureMeans, pictureMeans, type Share } from './measures.ts';
export {
  fileNameOf,
  firstOf,
  type Pair,
  type PairOptions,
  pairByName,
  parsePairList,
  stemOf,
} from './pairs.ts';
export { fillPolygon } from './polygon.ts';
export {
  type ClassSummary,
  type Estimate,
  type GroupSummary,
  lowest,
  type ScoredPicture,
  type Summary,
  summarize,
  summarizeGroups,
} from './summary.ts';
export { addTally, emptyTally, sumTallies, type Tally, tallyOf } from './tally.ts';
export { balancedWeights } from './weights.ts';
