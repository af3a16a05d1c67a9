import type { Viewport } from './look.ts';
import type { Size } from './worker/scene.ts';

/** Where somebody looks: canvas pixels per picture pixel, and the point of the picture in the middle of the stage. */
export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** A place on the stage, in canvas pixels from its top left corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The part of the stage that shows the picture, in canvas pixels, and what it shows. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly viewport: Viewport;
}

const mostScale = 64;

/** All of the picture, as large as the stage lets it. */
export function fitView(stage: Size, picture: Size): View {
  const scale = Math.min(stage.width / picture.width, stage.height / picture.height);
  return { scale: Math.min(scale, mostScale), x: picture.width / 2, y: picture.height / 2 };
}

/** A rectangle of the stage, in canvas pixels. */
export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What a picture takes on the stage: whole canvas pixels, so that at scale 1 they are the picture's own. */
export function placeOf({ scale, x, y }: View, stage: Size, picture: Size): Place {
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const left = Math.round(stage.width / 2 - (x * width) / picture.width);
  const top = Math.round(stage.height / 2 - (y * height) / picture.height);
  return { left, top, width, height };
}

/** What of the picture is on the stage, and where; undefined where nothing is. */
export function frameOf(view: View, stage: Size, picture: Size): Frame | undefined {
  const place = placeOf(view, stage, picture);
  const left = Math.max(0, place.left);
  const top = Math.max(0, place.top);
  const columns = Math.min(stage.width, place.left + place.width) - left;
  const rows = Math.min(stage.height, place.top + place.height) - top;
  if (columns < 1 || rows < 1) return undefined;
  const [across, down] = [picture.width / place.width, picture.height / place.height];
  const viewport = {
    left: (left - place.left) * across,
    top: (top - place.top) * down,
    width: columns * across,
    height: rows * down,
    columns,
    rows,
  };
  return { left, top, viewport };
}

/** The point of the picture under a point of the stage. */
export function pictureAt(view: View, stage: Size, picture: Size, at: Point): Point {
  const place = placeOf(view, stage, picture);
  return {
    x: ((at.x - place.left) * picture.width) / place.width,
    y: ((at.y - place.top) * picture.height) / place.height,
  };
}

/** The point of the stage over a point of the picture. */
export function stageAt(view: View, stage: Size, picture: Size, at: Point): Point {
  const place = placeOf(view, stage, picture);
  return {
    x: place.left + (at.x * place.width) / picture.width,
    y: place.top + (at.y * place.height) / picture.height,
  };
}

/** Never smaller than half of what fits, and some of the picture stays in the middle. */
function within({ scale, x, y }: View, stage: Size, picture: Size): View {
  const least = Math.min(1, fitView(stage, picture).scale / 2);
  const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
  return {
    scale: clamp(scale, least, mostScale),
    x: clamp(x, 0, picture.width),
    y: clamp(y, 0, picture.height),
  };
}

/** Zooms; what is under `at` stays there. */
export function zoomAt(view: View, stage: Size, picture: Size, factor: number, at: Point): View {
  const fixed = pictureAt(view, stage, picture, at);
  const { scale } = within({ ...view, scale: view.scale * factor }, stage, picture);
  const x = fixed.x + (stage.width / 2 - at.x) / scale;
  const y = fixed.y + (stage.height / 2 - at.y) / scale;
  return within({ scale, x, y }, stage, picture);
}

/** Moves by canvas pixels. */
export function panBy(view: View, stage: Size, picture: Size, by: Point): View {
  const { scale, x, y } = view;
  return within({ scale, x: x - by.x / scale, y: y - by.y / scale }, stage, picture);
}
