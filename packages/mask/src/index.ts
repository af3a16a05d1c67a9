export { alphaRows, type CutOut, cutOutRows, softCutOut } from './alpha/cut_out.ts';
export { type Matte, matteOf } from './alpha/matte.ts';
export { classProbability, labelProbability, type Probability } from './alpha/probability.ts';
export { backgroundIds, type NamedClass, type ObjectOptions } from './classes.ts';
export {
  addToCoco,
  type CocoAnnotation,
  type CocoBox,
  type CocoDataset,
  type CocoFile,
  type CocoOptions,
  cocoDataset,
  cocoJson,
  toCoco,
} from './coco.ts';
export {
  type ContourOptions,
  classContours,
  contours,
  type OutlineOptions,
  type Point,
  type Polygon,
  type Ring,
} from './contours.ts';
export { csvHeader, csvRows, toCsv } from './csv.ts';
export { addToCvat, type CvatDataset, type CvatOptions, cvatDataset, cvatXml } from './cvat.ts';
export { encodeIdPng, idPngFormat, idPngStrips } from './id_png.ts';
export type { LabelColors } from './label_colors.ts';
export {
  bandTaps,
  type LabelMap,
  type LabelMapFunction,
  type LabelMapOptions,
  type LabelMapper,
  type LabelMapResult,
  type LogitsBand,
  labelMap,
  type Region,
  regionOf,
} from './label_map.ts';
export { type LabelMeFile, toLabelMe } from './labelme.ts';
export { type Drawn, drawLook, type LookSource } from './looks/draw.ts';
export { type DrawnLook, drawnLook, type Look, type LookMode } from './looks/look.ts';
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
export type { Pixels } from './pixels.ts';
export {
  decodeLabelPng,
  encodeLabelPng,
  encodePng,
  type LabelFile,
  type LabelPngOptions,
  maxLabelPixels,
} from './png.ts';
export { type Deflate, encodePngStream, type PngFormat, type Strips } from './png_stream.ts';
export { classShares, colorMask, cutOut, overlay } from './render.ts';
export { type CocoRle, decodeRle, encodeRle } from './rle.ts';
export { type ConfusionMatrix, confusionMatrix, countInto, type Scores, scoresOf } from './scores.ts';
export type { SimplePolygonOptions } from './simple_polygons.ts';
export { type MaskFeatures, toGeoJson, toSvg } from './vector.ts';
