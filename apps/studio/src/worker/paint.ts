import { labelMap } from '@atrous/mask';
import type { Look, Viewport } from '../look.ts';
import { bitmapOf, type Context, canvasFor, canvasFrom, canvasOf, drawPixels } from './canvas.ts';
import { heatMap } from './heat.ts';
import { colorLayer, type LayerOptions, sampleLabels } from './layer.ts';
import { type Found, labelsOf, type Scene, sizeOfPicture } from './scene.ts';

type Picture = NonNullable<Scene['picture']>;
export type FoundScene = Scene & { readonly found: Found };

/** Class ids that a cut-out leaves out. */
export const leftOut = ({ background }: Found, hidden: readonly number[]): number[] =>
  background === undefined ? [...hidden] : [background, ...hidden];

/** One frame of the canvas, on one that the next frame takes again. */
export function paint(scene: Scene, look: Look, view: Viewport, backdrop?: ImageBitmap): Context {
  const { columns, rows } = view;
  const context = canvasFor('frame', columns, rows);
  const { picture, found } = scene;
  // Beyond three canvas pixels per pixel the pixels themselves are what somebody looks for.
  context.imageSmoothingEnabled = columns < 3 * view.width;
  // a frame is seen for a moment: what costs a picture nothing costs a video its rate
  context.imageSmoothingQuality = picture instanceof ImageBitmap ? 'high' : 'low';
  if (!found) {
    if (picture) drawPicture(context, picture, view);
    return context;
  }
  painters[look.mode](context, scene as FoundScene, look, view, backdrop);
  if (look.wipe !== undefined && picture) wipe(context, picture, view, look.wipe * found.width);
  return context;
}

/** A small copy for a list. */
export function thumbnailOf(picture: ImageBitmap, side: number): ImageBitmap {
  const { width, height } = picture;
  const scale = Math.min(1, side / Math.min(width, height));
  const [columns, rows] = [width, height].map((extent) => Math.max(1, Math.round(extent * scale)));
  const context = canvasOf(columns, rows);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, columns, rows);
  return bitmapOf(context);
}

function drawPicture(context: Context, picture: Picture, view: Viewport): void {
  const { left, top, width, height, columns, rows } = view;
  context.drawImage(picture, left, top, width, height, 0, 0, columns, rows);
}

/** The picture as it is, left of a column of it. */
function wipe(context: Context, picture: Picture, view: Viewport, column: number): void {
  const x = Math.round(((column - view.left) * view.columns) / view.width);
  if (x <= 0) return;
  context.save();
  context.beginPath();
  context.rect(0, 0, x, view.rows);
  context.clip();
  context.clearRect(0, 0, x, view.rows);
  drawPicture(context, picture, view);
  context.restore();
}

type Painter = (
  context: Context,
  scene: FoundScene,
  look: Look,
  view: Viewport,
  backdrop?: ImageBitmap,
) => void;

const borderWidth = 2;

/** Draws the class colours, in the canvas' own pixels. */
function drawColors(
  context: Context,
  { found }: FoundScene,
  { palette, hidden }: Look,
  view: Viewport,
  options: Pick<LayerOptions, 'opacity' | 'border'> = {},
): void {
  const ids = sampleLabels(labelsOf(found), view);
  drawPixels(context, colorLayer(ids, view, palette, { hidden, ...options }));
}

/** The picture where classes are chosen, edges softened by a pixel or so where something stands behind. */
function chosen({ found, picture }: FoundScene, look: Look, view: Viewport): OffscreenCanvas {
  const context = canvasFor('chosen', view.columns, view.rows);
  if (!picture) return context.canvas;
  drawPicture(context, picture, view);
  const ids = sampleLabels(labelsOf(found), view);
  const mask = colorLayer(ids, view, [[0, 0, 0]], { hidden: leftOut(found, look.hidden) });
  context.globalCompositeOperation = 'destination-in';
  if (look.mode !== 'cutout') context.filter = `blur(${softness}px)`;
  drawPixels(context, mask);
  return context.canvas;
}

const softness = 1.5;
/** How far around a canvas pixel a look reads: parts that are painted one by one overlap by it. */
export const reach = 8;

/** The longest side of what stands out of focus: stretched, it is as blurred at every zoom. */
const blurredSide = 80;

/** Shrinking and stretching again blurs in every browser, and costs little. */
function blur(picture: Picture): OffscreenCanvas {
  const { width, height } = sizeOfPicture(picture);
  const scale = blurredSide / Math.max(width, height);
  const [columns, rows] = [width, height].map((extent) => Math.max(2, Math.round(extent * scale)));
  const small = canvasOf(columns, rows);
  small.imageSmoothingQuality = 'high';
  small.drawImage(picture, 0, 0, columns, rows);
  const soft = canvasOf(columns, rows);
  soft.drawImage(small.canvas, 0, 0); // a blur mixes in what is transparent at the edges: something must be there
  soft.filter = 'blur(1.2px)';
  soft.drawImage(small.canvas, 0, 0);
  return soft.canvas;
}

/** A canvas of the whole picture, whatever its size, in place of the picture. */
function drawStretched(
  context: Context,
  whole: OffscreenCanvas,
  { width, height }: Found,
  view: Viewport,
): void {
  const [x, y] = [whole.width / width, whole.height / height];
  const { left, top, columns, rows } = view;
  context.drawImage(whole, left * x, top * y, view.width * x, view.height * y, 0, 0, columns, rows);
}

/** As large as it has to be to fill the picture, cut at the sides. */
function drawBackdrop(context: Context, backdrop: ImageBitmap, found: Found, view: Viewport): void {
  const zoom = view.columns / view.width;
  const scale = Math.max(found.width / backdrop.width, found.height / backdrop.height);
  const [width, height] = [backdrop.width * scale, backdrop.height * scale];
  const left = (found.width - width) / 2 - view.left;
  const top = (found.height - height) / 2 - view.top;
  context.drawImage(backdrop, left * zoom, top * zoom, width * zoom, height * zoom);
}

const painters: Record<Look['mode'], Painter> = {
  overlay(context, scene, look, view) {
    if (scene.picture) drawPicture(context, scene.picture, view);
    const { opacity, outline } = look;
    drawColors(context, scene, look, view, { opacity, border: outline ? borderWidth : 0 });
  },
  mask(context, scene, look, view) {
    drawColors(context, scene, look, view);
  },
  outline(context, scene, look, view) {
    if (scene.picture) drawPicture(context, scene.picture, view);
    drawColors(context, scene, look, view, { opacity: 0, border: borderWidth });
  },
  cutout(context, scene, look, view) {
    context.drawImage(chosen(scene, look, view), 0, 0);
  },
  blur(context, scene, look, view) {
    if (scene.picture) {
      scene.blurred ??= blur(scene.picture);
      context.imageSmoothingEnabled = true;
      drawStretched(context, scene.blurred, scene.found, view);
    }
    context.drawImage(chosen(scene, look, view), 0, 0);
  },
  replace(context, scene, look, view, backdrop) {
    context.fillStyle = `rgb(${look.backdrop.join(' ')})`;
    context.fillRect(0, 0, view.columns, view.rows);
    if (backdrop) drawBackdrop(context, backdrop, scene.found, view);
    context.drawImage(chosen(scene, look, view), 0, 0);
  },
  confidence(context, scene, _, view) {
    scene.confidence ??= confidenceCanvas(scene.found);
    drawStretched(context, scene.confidence, scene.found, view);
  },
};

/** The longest side of what confidence is worked out at: more than any network's logits have. */
const confidenceSide = 768;

function confidenceCanvas({ width, height, logits, resize }: Found): OffscreenCanvas {
  const scale = Math.min(1, confidenceSide / Math.max(width, height));
  const [columns, rows] = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
  const { confidence } = labelMap(logits, { width: columns, height: rows, resize, confidence: true });
  return canvasFrom(heatMap(confidence!, columns, rows));
}
