import { batch, signal } from '@preact/signals';
import { transfer } from 'comlink';
import { engine } from '../state/engine.ts';
import { live } from '../state/live.ts';
import { sayError } from '../state/messages.ts';
import { selected } from '../state/pictures.ts';
import type { Block } from '../worker/network.ts';
import type { Size } from '../worker/scene.ts';
import type { Tiles } from '../worker/tiles.ts';
import { painter } from './painter.ts';

/** The network, for the size of a picture. */
export const network = signal<{ readonly input: Size; readonly blocks: readonly Block[] } | undefined>();

/** Feature maps of one block. */
export interface Features {
  readonly block: Block;
  readonly tiles?: Tiles;
}
export const features = signal<Features | undefined>();

export async function describeNetwork(size: Size): Promise<void> {
  const config = engine.value?.segmenter.config;
  if (!config) return;
  try {
    network.value = await painter.blocks(config, size);
  } catch (error) {
    sayError(error);
  }
}

const mostTiles = 64;
const tilesWidth = 720;
let stop = new AbortController();

/** Looks at a block's feature maps, for the selected picture. */
export async function showFeatures(block: Block): Promise<void> {
  forgetFeatures();
  stop = new AbortController();
  const { signal } = stop;
  const { segmenter } = engine.value ?? {};
  const picture = selected.value;
  if (!segmenter || !picture || live.value) {
    sayError(new Error('features: select a picture, and stop what is live'));
    return;
  }
  features.value = { block };
  try {
    const values = await segmenter.features(picture.file, [block.value], { signal });
    const tensor = values[block.value];
    const tiles = await painter.tiles(transfer(tensor, [tensor.data.buffer]), mostTiles, tilesWidth);
    if (signal.aborted) tiles.bitmap.close();
    else features.value = { block, tiles };
  } catch (error) {
    if (signal.aborted) return;
    batch(() => {
      features.value = undefined;
      sayError(error);
    });
  }
}

export function forgetFeatures(): void {
  stop.abort();
  features.value?.tiles?.bitmap.close();
  features.value = undefined;
}
