export { type CocoFile, toCoco } from './coco.ts';
export { type ContourOptions, contours, type Point, type Polygon, type Ring } from './contours.ts';
export type { LabelColors } from './label_colors.ts';
export {
  type LabelMap,
  type LabelMapFunction,
  type LabelMapOptions,
  type LabelMapper,
  type LabelMapResult,
  labelMap,
  type Region,
  regionOf,
} from './label_map.ts';
export { type OverlayOptions, type RowOverlay, rowOverlay } from './overlay_rows.ts';
export {
  ade20k,
  type Color,
  camVid,
  cityscapes,
  colorOf,
  formatColor,
  krzywinski,
  okabeIto,
  type Palette,
  paletteOf,
  parseColor,
  pascalVoc,
} from './palette.ts';
export {
  decodeLabelPng,
  encodeLabelPng,
  encodePng,
  type LabelFile,
  type LabelPngOptions,
  maxLabelPixels,
} from './png.ts';
export { type Deflate, encodePngStream, type PngFormat, type Strips } from './png_stream.ts';
export { classShares, colorMask, cutOut, overlay, type RgbaImage } from './render.ts';
export { type CocoRle, decodeRle, encodeRle } from './rle.ts';
export { type ConfusionMatrix, confusionMatrix, countInto, type Scores, scoresOf } from './scores.ts';
export { type MaskFeatures, type NamedClass, toGeoJson, toSvg } from './vector.ts';
