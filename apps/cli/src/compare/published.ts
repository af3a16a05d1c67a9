/** What a paper or its authors' repository says of a network: one model, one crop, at its own input size. */
export interface Published {
  /** Accuracy on ImageNet's validation set (ILSVRC 2012), in percent. */
  readonly top1: number;
  /** Side of the crop. */
  readonly crop: number;
  readonly source: string;
}

const chollet = 'Chollet 2017, table 1';
const he = 'He et al., github.com/KaimingHe/deep-residual-networks';
const szegedy = 'Szegedy et al. 2017, table 2';
const keras = 'keras.io/api/applications';

/** By the names of networks. */
export const published: Readonly<Record<string, Published>> = {
  vgg16: { top1: 71.5, crop: 224, source: chollet },
  vgg19: { top1: 71.3, crop: 224, source: keras },
  resnet50: { top1: 75.3, crop: 224, source: he },
  resnet101: { top1: 76.4, crop: 224, source: he },
  resnet152: { top1: 77.0, crop: 224, source: he },
  inception_v3: { top1: 78.2, crop: 299, source: chollet },
  inception_v4: { top1: 80.0, crop: 299, source: szegedy },
  inception_resnet_v2: { top1: 80.1, crop: 299, source: szegedy },
  xception: { top1: 79.0, crop: 299, source: chollet },
  mobilenetv2_100: { top1: 72.0, crop: 224, source: 'Sandler et al. 2018, table 4' },
  mobilenetv3_large_100: { top1: 75.2, crop: 224, source: 'Howard et al. 2019, table 3' },
};
