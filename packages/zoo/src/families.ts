import type { EncoderFamily } from '@atrous/graph';
import { unknownName } from '@atrous/tensor';

/**
 * The families of encoders, each loaded when it is needed. A new one is a line here, and nothing else outside its folder.
 */
export const families: Readonly<Record<string, () => Promise<EncoderFamily>>> = {
  xception: async () => (await import('@atrous/xception')).xceptionFamily,
  vgg: async () => (await import('@atrous/baselines/vgg')).vgg,
  resnet: async () => (await import('@atrous/baselines/resnet')).resnet,
  inception: async () => (await import('@atrous/baselines/inception')).inception,
  'mobilenet-v2': async () => (await import('@atrous/baselines/mobilenet-v2')).mobilenetV2,
  'mobilenet-v3': async () => (await import('@atrous/baselines/mobilenet-v3')).mobilenetV3,
};

/** A family by its name. @throws AtrousError `input` that lists the names */
export function loadFamily(name: string): Promise<EncoderFamily> {
  if (!Object.hasOwn(families, name)) throw unknownName('encoder family', name, Object.keys(families));
  return families[name]();
}

/** All families. */
export const loadFamilies = (): Promise<readonly EncoderFamily[]> =>
  Promise.all(Object.values(families).map((load) => load()));
