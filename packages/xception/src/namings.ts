import type { Naming } from '@atrous/graph';
import { kerasChollet, kerasHub, kerasSmall } from './namings/keras.ts';
import { bubbliiiing, chollet, facesManifest, jfzhang, torchseg } from './namings/others.ts';
import { bonlime, slim } from './namings/tensorflow.ts';
import { timmAligned, timmPreactivated, trainingCode } from './namings/timm.ts';

/** How the codes that train Xceptions name their weights. A new one is a new row. */
export const namings: Readonly<Record<string, Naming>> = {
  timm: timmAligned,
  'timm-preactivated': timmPreactivated,
  chollet,
  'training-code': trainingCode,
  keras: kerasChollet,
  'keras-hub': kerasHub,
  'keras-small': kerasSmall,
  slim,
  bonlime,
  jfzhang,
  bubbliiiing,
  torchseg,
  faces: facesManifest,
};
