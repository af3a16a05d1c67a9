import { type EncoderGoldenName, goldenWeights, loadGolden } from '@atrous/golden';
import type { EncoderFamily } from '@atrous/graph';
import { weightShapes } from '@atrous/graph';
import { describe, expect, test } from 'vitest';
import { mobilenetV2 } from './mobilenet_v2/index.ts';
import { mobilenetV3 } from './mobilenet_v3/index.ts';
import { resnet } from './resnet/index.ts';
import { classifierOf, encoderOf } from './test_classifier.ts';
import { namesOf } from './test_weights.ts';
import { vgg } from './vgg/index.ts';

const families: readonly EncoderFamily[] = [vgg, resnet, mobilenetV2, mobilenetV3];
const all = families.flatMap((family) =>
  Object.entries(family.namings).flatMap(([name, { variants = Object.keys(family.variants) }]) =>
    variants.map((variant) => [name, variant, family] as const),
  ),
);

describe('every naming has one name of its own for each weight of each variant', () => {
  test.each(all)('%s %s', (naming, variant, family) => {
    const { conventions, signature } = family.namings[naming];
    const graph = encoderOf(family, variant, { options: conventions });
    const names = [...namesOf(graph, { family, variant, naming }).values()];
    expect(names.filter((candidates) => candidates.length === 0)).toEqual([]);
    const flat = names.flat();
    expect(new Set(flat).size).toBe(flat.length);
    expect(flat.some((name) => signature.test(name)) || isInHead(naming, variant, family)).toBe(true);
  });
});

/** Whether the name that a naming is known by is one of the classifier's. */
function isInHead(naming: string, variant: string, family: EncoderFamily): boolean {
  const graph = classifierOf(family, variant, { options: family.namings[naming].conventions });
  const names = [...namesOf(graph, { family, variant, naming }).values()].flat();
  return names.some((name) => family.namings[naming].signature.test(name));
}

describe('an encoder uses all weights that its original has in it', () => {
  const rows: [EncoderGoldenName, EncoderFamily, string, string, RegExp][] = [
    ['timm-vgg16-64x96', vgg, 'vgg16', 'timm', /^features/],
    ['timm-resnet50-97x129-os16', resnet, 'resnet50', 'timm', /^(conv1|bn1|layer)/],
    ['timm-mobilenetv2_100-97x129-os16', mobilenetV2, 'mobilenetv2_100', 'timm', /^(?!classifier)/],
    [
      'torchvision-deeplabv3_mobilenet_v3_large-65x97',
      mobilenetV3,
      'mobilenetv3_large_100',
      'torchvision',
      /^backbone\./,
    ],
    ['vainf-deeplabv3plus_mobilenet-97x129-os16', mobilenetV2, 'mobilenetv2_100', 'vainf', /^backbone\./],
    [
      'bubbliiiing-deeplab-mobilenet-97x129-os16',
      mobilenetV2,
      'mobilenetv2_100',
      'bubbliiiing',
      /^backbone\./,
    ],
    ['smp-deeplabv3plus-resnet50-96x128-os16', resnet, 'resnet50', 'smp', /^encoder\./],
  ];
  test.each(rows)('%s', async (golden, family, variant, naming, encoder) => {
    const theirs = goldenWeights(await loadGolden(golden)).names.filter((name) => encoder.test(name));
    const graph = encoderOf(family, variant, { options: family.namings[naming].conventions });
    const names = [...namesOf(graph, { family, variant, naming }).values()].flat();
    const withoutPrefix = theirs.map((name) =>
      encoder.source.endsWith('\\.') ? name.replace(encoder, '') : name,
    );
    expect(withoutPrefix.filter((name) => !names.includes(name))).toEqual([]);
    expect(weightShapes(graph).size).toBe(theirs.length);
  });
});
