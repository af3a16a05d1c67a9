import { labelMap } from '@atrous/mask';
import type { Look, Viewport } from '../look.ts';
import { bitmapOf, type Context, canvasFor, canvasFrom, canvasOf, drawPixels } from './canvas.ts';
import { heatMap } from './heat.ts';
import { colorLayer, type LayerOptions, sampleLabels } from './layer.ts';
import { type Found, labelsOf, type Scene } from './scene.ts';
import { leftOut, softCutOf } from './soft_cut.ts';

type Picture = NonNullable<Scene['picture']>;
export type FoundScene = Scene & { readonly found: Found };

/** Beyond three canvas pixels per pixel the pixels themselves are what somebody looks for. */
const isSmooth = ({ columns, width }: Viewport): boolean => columns < 3 * width;

/** One frame of the canvas, on one that the next frame takes again. */
export function paint(scene: Scene, look: Look, view: Viewport, backdrop?: ImageBitmap): Context {
  const { columns, rows } = view;
  const context = canvasFor('frame', columns, rows);
  const { picture, found } = scene;
  context.imageSmoothingEnabled = isSmooth(view);
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
  options: LayerOptions = {},
): void {
  const ids = sampleLabels(labelsOf(found), view);
  drawPixels(context, colorLayer(ids, view, palette, { hidden, ...options }));
}

/** Over a picture, background has no colour: it would darken what nothing was found in. */
function drawOver(
  context: Context,
  scene: FoundScene,
  look: Look,
  view: Viewport,
  opacity: number,
  border: number,
): void {
  if (scene.picture) drawPicture(context, scene.picture, view);
  drawColors(context, scene, look, view, { opacity, border, hidden: leftOut(scene.found, look.hidden) });
}

/**
 * Draws the picture where classes are chosen: with the soft edges of a still picture, and of a video's frame with those of
 * the label map, blurred by a pixel or so where something stands behind.
 */
function drawChosen(context: Context, scene: FoundScene, look: Look, view: Viewport): void {
  const { found, picture } = scene;
  const soft = softCutOf(scene, look);
  if (soft) drawStretched(context, soft, found, view);
  if (soft || !picture) return;
  const chosen = canvasFor('chosen', view.columns, view.rows);
  drawPicture(chosen, picture, view);
  chosen.globalCompositeOperation = 'destination-in';
  if (look.mode !== 'cutout') chosen.filter = `blur(${softness}px)`;
  drawPixels(chosen, chosenMask(found, look, view));
  context.drawImage(chosen.canvas, 0, 0);
}

/** Opaque where classes are chosen. */
const chosenMask = (found: Found, { hidden }: Look, view: Viewport): ImageData =>
  colorLayer(sampleLabels(labelsOf(found), view), view, [[0, 0, 0]], { hidden: leftOut(found, hidden) });

const softness = 1.5;
/** How far around a canvas pixel a look reads: parts that are painted one by one overlap by it. */
export const reach = 8;

/** The longest side of what stands out of focus: stretched, it is as blurred at every zoom. */
const blurredSide = 80;

/** What is behind, out of focus. Shrinking and stretching again blurs in every browser, and costs little. */
function blur(picture: Picture, scene: FoundScene, look: Look): OffscreenCanvas {
  const { found } = scene;
  const { width, height } = found;
  const scale = blurredSide / Math.max(width, height);
  const [columns, rows] = [width, height].map((extent) => Math.max(2, Math.round(extent * scale)));
  const stretched = (image: CanvasImageSource, operation: GlobalCompositeOperation) => {
    small.globalCompositeOperation = operation;
    small.drawImage(image, 0, 0, columns, rows);
  };
  const small = canvasOf(columns, rows);
  small.imageSmoothingQuality = 'high';
  stretched(picture, 'source-over');
  const view = { left: 0, top: 0, width, height, columns, rows };
  const front = softCutOf(scene, look) ?? canvasFrom(chosenMask(found, look, view));
  for (let i = 0; i < 2; i++) stretched(front, 'destination-out'); // twice: what is partly covered has both colours
  for (const coarser of halves(small.canvas)) stretched(coarser, 'destination-over');
  stretched(picture, 'destination-over'); // where there is nothing else
  stretched(picture, 'destination-in');
  const soft = canvasOf(columns, rows);
  soft.drawImage(small.canvas, 0, 0); // a blur mixes in what is transparent at the edges: something must be there
  soft.filter = 'blur(1.2px)';
  soft.drawImage(small.canvas, 0, 0);
  return soft.canvas;
}

/**
 * A canvas at a half, a quarter … of its size. Behind it, stretched, they fill its holes with what is around: what stands in
 * front would glow around itself otherwise.
 */
function halves(canvas: OffscreenCanvas): OffscreenCanvas[] {
  const all: OffscreenCanvas[] = [];
  for (let last = canvas; Math.max(last.width, last.height) > 1; last = all[all.length - 1]) {
    const [width, height] = [last.width, last.height].map((extent) => Math.ceil(extent / 2));
    const half = canvasOf(width, height);
    half.imageSmoothingQuality = 'high';
    half.drawImage(last, 0, 0, width, height);
    all.push(half.canvas);
  }
  return all;
}

/** A copy of the whole picture, whatever its size, in place of the picture. */
function drawStretched(
  context: Context,
  whole: OffscreenCanvas | ImageBitmap,
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
    drawOver(context, scene, look, view, look.opacity, look.outline ? borderWidth : 0);
  },
  mask(context, scene, look, view) {
    drawColors(context, scene, look, view);
  },
  outline(context, scene, look, view) {
    drawOver(context, scene, look, view, 0, borderWidth);
  },
  cutout(context, scene, look, view) {
    drawChosen(context, scene, look, view);
  },
  blur(context, scene, look, view) {
    if (scene.picture) {
      const out = leftOut(scene.found, look.hidden).join();
      if (scene.blurred?.leftOut !== out)
        scene.blurred = { leftOut: out, canvas: blur(scene.picture, scene, look) };
      context.imageSmoothingEnabled = true;
      drawStretched(context, scene.blurred.canvas, scene.found, view);
      context.imageSmoothingEnabled = isSmooth(view);
    }
    drawChosen(context, scene, look, view);
  },
  replace(context, scene, look, view, backdrop) {
    context.fillStyle = `rgb(${look.backdrop.join(' ')})`;
    context.fillRect(0, 0, view.columns, view.rows);
    if (backdrop) drawBackdrop(context, backdrop, scene.found, view);
    drawChosen(context, scene, look, view);
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
