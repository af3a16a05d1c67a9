import { filledModel } from '@atrous/golden';
import type { Model } from '@atrous/graph';
import { xceptionFamily } from '@atrous/xception';
import { type Architecture, buildNetwork } from './architecture.ts';
import type { ModelConfig } from './config.ts';
import { saveModel } from './save.ts';

/** A network of the family that is small enough to load and run in a moment. */
export const tinyArchitecture: Architecture = {
  head: 'deeplabv3plus',
  encoder: {
    family: 'xception',
    variant: 'xception41',
    options: { widthMultiplier: 1 / 32, channelDivisor: 2 },
  },
  classes: 3,
  aspp: { channels: 4 },
  decoder: { channels: 4, lowLevelChannels: 2 },
};

export const tinyConfig: Omit<ModelConfig, 'weights'> = {
  formatVersion: 2,
  name: 'tiny',
  task: 'semantic-segmentation',
  architecture: tinyArchitecture,
  preprocess: {
    size: { mode: 'longest-side', pixels: 64, multipleOf: 16 },
    fit: 'stretch',
    filter: 'bilinear-antialiased',
    channels: 'RGB',
    range: [0, 255],
    mean: [128, 128, 128],
    std: [64, 64, 64],
  },
  postprocess: { resize: 'half-pixel' },
  labels: [
    { id: 0, name: 'background', color: '#000000' },
    { id: 1, name: 'cat', color: '#ff0000' },
    { id: 2, name: 'dog', color: '#00ff00' },
  ],
};

export const tinyModel: Model = filledModel(buildNetwork(xceptionFamily, tinyArchitecture));

/** Its folder, as a visitor would drop it. */
export async function tinyFiles(): Promise<File[]> {
  const files: File[] = [];
  const write = async (name: string, pieces: AsyncIterable<Uint8Array>) => {
    const parts: BlobPart[] = [];
    for await (const piece of pieces) parts.push(piece.slice());
    files.push(new File(parts, name));
  };
  await saveModel({ write }, tinyModel, tinyConfig, ['float32']);
  return files;
}
