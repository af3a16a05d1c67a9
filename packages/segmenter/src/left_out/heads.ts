import { AtrousError } from '@atrous/tensor';

/** Stands for classifiers, of which a segmenter can make nothing. */
export function classifier(): never {
  throw new AtrousError(
    'config',
    'this network names what a picture shows, and gives no label maps: use @atrous/encoder or `atrous classify`',
  );
}
export const encoderGraph: () => never = classifier;
