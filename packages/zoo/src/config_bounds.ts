/** A range that the numbers of real networks lie in, ends included. */
export interface Bound {
  readonly min: number;
  readonly max: number;
  /** What the range comes from; it stands in the error. */
  readonly reason: string;
}

export type NumberName =
  | 'classes'
  | 'classId'
  | 'widthMultiplier'
  | 'channelDivisor'
  | 'channels'
  | 'rate'
  | 'convolutions'
  | 'epsilon'
  | 'side'
  | 'multipleOf'
  | 'pixelValue'
  | 'std'
  | 'crop'
  | 'percent'
  | 'share'
  | 'parameters'
  | 'fileBytes';

export type LengthName =
  | 'rates'
  | 'branches'
  | 'multiGrid'
  | 'labels'
  | 'files'
  | 'name'
  | 'fileName'
  | 'text';

/** The bounds of every number of `config.json`. */
export const numberBounds: Readonly<Record<NumberName, Bound>> = {
  classes: { min: 0, max: 65_536, reason: 'class ids in label maps have 16 bits' },
  classId: { min: 0, max: 65_535, reason: 'class ids in label maps have 16 bits' },
  widthMultiplier: { min: 1 / 64, max: 8, reason: 'a multiple of the published widths' },
  channelDivisor: { min: 1, max: 256, reason: 'widths are rounded to multiples of 8 or 16' },
  channels: { min: 1, max: 8192, reason: 'published networks have 2048 at most' },
  rate: { min: 1, max: 256, reason: 'an atrous rate beyond the feature map reads padding only' },
  convolutions: { min: 0, max: 16, reason: 'published decoders have 2' },
  epsilon: { min: 1e-12, max: 1, reason: 'published batch norms have 1e-5 to 1e-3' },
  side: { min: 1, max: 16_384, reason: "pixels of the network's input" },
  multipleOf: { min: 1, max: 1024, reason: 'output strides are 8 to 32' },
  pixelValue: { min: -65_536, max: 65_536, reason: 'pixels have up to 16 bits' },
  std: { min: 1e-6, max: 65_536, reason: 'pixels over it must stay finite in float32' },
  crop: { min: 1 / 16, max: 1, reason: 'evaluations look at 0.875 to all of the shorter side' },
  percent: { min: -100, max: 100, reason: 'a difference of two percentages' },
  share: { min: 0, max: 1, reason: 'a share of pixels' },
  parameters: { min: 1, max: 1e10, reason: 'the widest network has fewer' },
  fileBytes: { min: 1, max: 2 ** 32, reason: 'downloads end at 4 GiB' },
};

/** How many items each list may have, and how many characters each text. */
export const lengthBounds: Readonly<Record<LengthName, Bound>> = {
  rates: { min: 0, max: 16, reason: 'published pyramids have 3 or 4' },
  branches: { min: 1, max: 18, reason: 'the rates, the 1×1 convolution and image pooling' },
  multiGrid: { min: 0, max: 8, reason: 'a block has 3 convolutions' },
  labels: { min: 1, max: 65_536, reason: 'class ids in label maps have 16 bits' },
  files: { min: 1, max: 8, reason: 'one for each precision' },
  name: { min: 0, max: 256, reason: 'a name' },
  fileName: { min: 1, max: 128, reason: 'a file name' },
  text: { min: 0, max: 65_536, reason: 'a text for people' },
};
