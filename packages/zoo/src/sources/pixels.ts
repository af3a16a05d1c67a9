import type { Preprocess } from '../config.ts';

/** What pixels are before they enter a network: an affine map of each channel. */
export type PixelValues = Pick<Preprocess, 'channels' | 'range' | 'mean' | 'std'>;

export type PixelsName = 'half' | 'imagenet' | 'unit' | 'caffe' | 'grey' | 'faces';

const bytes = [0, 255] as const;

export const pixels: Readonly<Record<PixelsName, PixelValues>> = {
  /** [-1, 1]: Xception, Inception, TensorFlow's MobileNets. */
  half: { channels: 'RGB', range: bytes, mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] },
  /** ImageNet's mean and deviation: torchvision and most of timm. */
  imagenet: {
    channels: 'RGB',
    range: bytes,
    mean: [123.675, 116.28, 103.53],
    std: [58.395, 57.12, 57.375],
  },
  /** [0, 1] */
  unit: { channels: 'RGB', range: bytes, mean: [0, 0, 0], std: [255, 255, 255] },
  /** Keras' VGG and ResNet: blue first, ImageNet's mean taken away. */
  caffe: { channels: 'BGR', range: bytes, mean: [103.939, 116.779, 123.68], std: [1, 1, 1] },
  grey: { channels: 'grey', range: bytes, mean: [127.5], std: [127.5] },
  /** face-api.js */
  faces: { channels: 'RGB', range: bytes, mean: [122.782, 117.001, 104.298], std: [255, 255, 255] },
};
