import type { NamedClass } from '@atrous/mask';
import { decodePicture } from '@atrous/segmenter';
import { AtrousError, type Tensor } from '@atrous/tensor';
import type { ModelDescription } from '@atrous/zoo';
import { expose, transfer } from 'comlink';
import type { Format } from '../formats.ts';
import type { Look, Viewport } from '../look.ts';
import { bitmapOf } from './canvas.ts';
import { differenceOf } from './difference.ts';
import { exportAs } from './export.ts';
import { blocksOf } from './network.ts';
import { type FoundScene, paint, thumbnailOf } from './paint.ts';
import {
  type Found,
  forgetLabels,
  inspect,
  labelsOf,
  type Scene,
  type Size,
  sizeOfPicture,
} from './scene.ts';
import { dropSoft, soften } from './soft_cut.ts';
import { tilesOf } from './tiles.ts';

/**
 * Pictures at full size with their label maps, and everything that is drawn or written of them: the page holds neither.
 */
const scenes = new Map<string, Scene>();
let backdrop: ImageBitmap | undefined;
let wantedBackdrop: Blob | undefined;
/** The one picture of a file that is held decoded. */
let decoded: string | undefined;

function sceneOf(id: string): Scene {
  const scene = scenes.get(id);
  if (!scene) throw new AtrousError('input', 'the picture is not there any more');
  return scene;
}

function foundIn(id: string): FoundScene {
  const scene = sceneOf(id);
  if (!scene.found) throw new AtrousError('input', 'the picture has no mask yet');
  return scene as FoundScene;
}

/** Closes what is decoded of a scene; how many pictures that were. */
function letGo(scene: Scene | undefined): number {
  if (!scene?.picture) return 0;
  scene.picture.close();
  scene.picture = undefined;
  dropSoft(scene);
  return 1;
}

/** The picture that is held decoded from now on; the one before can be decoded again. */
function hold(id: string, picture: ImageBitmap): void {
  if (decoded !== undefined) letGo(scenes.get(decoded));
  sceneOf(id).picture = picture;
  decoded = id;
}

/** A scene with its picture decoded. */
async function visible(id: string): Promise<Scene> {
  const scene = sceneOf(id);
  if (scene.picture || !scene.source) return scene;
  const picture = await decodePicture(scene.source);
  if (scenes.get(id) === scene && !scene.picture) hold(id, picture);
  else picture.close(); // already decoded, or removed
  return sceneOf(id);
}

const thumbnailSide = 144;

const painter = {
  /** A picture from a file. Its size in pixels, and a small copy. */
  async add(id: string, source: Blob): Promise<{ size: Size; thumbnail: ImageBitmap }> {
    const picture = await decodePicture(source);
    scenes.set(id, { source });
    const thumbnail = thumbnailOf(picture, thumbnailSide);
    const size = sizeOfPicture(picture);
    if (decoded === undefined) hold(id, picture);
    else picture.close();
    return transfer({ size, thumbnail }, [thumbnail]);
  },
  /** What a model found in a picture. */
  setFound(id: string, found: Found | undefined): void {
    const scene = sceneOf(id);
    forgetLabels(scene.found);
    scene.found = found;
    if (found) labelsOf(found); // counted among those that are kept
    scene.confidence = undefined;
    dropSoft(scene);
  },
  /** A frame of a video, with its mask where there is one, in place of the one before. How many frames were closed for it. */
  setFrame(id: string, picture: ImageBitmap | VideoFrame, found?: Found): number {
    const before = scenes.get(id);
    const closed = letGo(before);
    forgetLabels(before?.found);
    if (found) labelsOf(found);
    scenes.set(id, { picture, found });
    return closed;
  },
  /** How many pictures were closed. */
  remove(id: string): number {
    const scene = scenes.get(id);
    forgetLabels(scene?.found);
    scenes.delete(id);
    if (decoded === id) decoded = undefined;
    return letGo(scene);
  },
  async setBackdrop(source: Blob | undefined): Promise<void> {
    wantedBackdrop = source;
    const next = source && (await decodePicture(source));
    if (wantedBackdrop !== source) return next?.close(); // something else was chosen meanwhile
    backdrop?.close();
    backdrop = next;
  },
  async paint(
    id: string,
    look: Look,
    view: Viewport,
  ): Promise<{ bitmap: ImageBitmap; milliseconds: number }> {
    const scene = await visible(id);
    const start = performance.now();
    await soften(scene, look);
    const bitmap = bitmapOf(paint(scene, look, view, backdrop));
    return transfer({ bitmap, milliseconds: performance.now() - start }, [bitmap]);
  },
  inspect: (id: string, x: number, y: number) => inspect(foundIn(id).found, x, y),
  async export(
    format: Format,
    id: string,
    name: string,
    classes: readonly NamedClass[],
    look: Look,
  ): Promise<Blob> {
    if (format === 'view') await soften(await visible(id), look); // the rest is written of the file, or of the mask alone
    return exportAs(format, { scene: foundIn(id), name, classes, look, backdrop });
  },
  blocks: (config: ModelDescription, picture: Size) => blocksOf(config, picture),
  tiles(tensor: Tensor, most: number, width: number) {
    const tiles = tilesOf(tensor, most, width);
    return transfer(tiles, [tiles.bitmap]);
  },
  async difference(id: string, both: readonly [Found, Found], look: Look, side: number) {
    const difference = differenceOf(await visible(id), both, look, side);
    for (const found of both) forgetLabels(found);
    return transfer(difference, [...difference.masks, difference.marked]);
  },
};

export type Painter = typeof painter;

expose(painter);
