import { inceptionResnetV2 } from './inception_resnet_v2.ts';
import { inceptionV3 } from './inception_v3.ts';
import { inceptionV4 } from './inception_v4.ts';
import type { Variant } from './table.ts';

export const variants: Readonly<Record<string, Variant>> = {
  inception_v3: inceptionV3,
  inception_v4: inceptionV4,
  inception_resnet_v2: inceptionResnetV2,
};
