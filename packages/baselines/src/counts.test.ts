import { cost, type EncoderFamily } from '@atrous/graph';
import { expect, test } from 'vitest';
import { mobilenetV2 } from './mobilenet_v2/index.ts';
import { mobilenetV3 } from './mobilenet_v3/index.ts';
import { resnet } from './resnet/index.ts';
import { classifierOf } from './test_classifier.ts';
import { vgg } from './vgg/index.ts';

type Row = readonly [family: EncoderFamily, variant: string, parameters: number, multiplyAdds: number];

/** Of timm's models (MobileNetV2 at 1.3: torchvision's) with 1000 classes at 224×224: what PyTorch counts. */
const rows: readonly Row[] = [
  [vgg, 'vgg11', 132_863_336, 7_609_090_048],
  [vgg, 'vgg13', 133_047_848, 11_308_466_176],
  [vgg, 'vgg16', 138_357_544, 15_470_264_320],
  [vgg, 'vgg19', 143_667_240, 19_632_062_464],
  [vgg, 'vgg16_bn', 138_365_992, 15_470_264_320],
  [vgg, 'vgg19_bn', 143_678_248, 19_632_062_464],
  [resnet, 'resnet18', 11_689_512, 1_814_073_344],
  [resnet, 'resnet34', 21_797_672, 3_663_761_408],
  [resnet, 'resnet50', 25_557_032, 4_089_184_256],
  [resnet, 'resnet101', 44_549_160, 7_801_405_440],
  [resnet, 'resnet152', 60_192_808, 11_513_626_624],
  [mobilenetV2, 'mobilenetv2_035', 1_677_128, 59_285_808],
  [mobilenetV2, 'mobilenetv2_050', 1_968_680, 97_131_840],
  [mobilenetV2, 'mobilenetv2_075', 2_636_424, 209_069_792],
  [mobilenetV2, 'mobilenetv2_100', 3_504_872, 300_774_272],
  [mobilenetV2, 'mobilenetv2_130', 5_386_792, 509_374_560],
  [mobilenetV2, 'mobilenetv2_140', 6_108_776, 582_195_824],
  [mobilenetV3, 'mobilenetv3_large_100', 5_483_032, 216_589_760],
  [mobilenetV3, 'mobilenetv3_small_100', 2_542_856, 56_510_400],
];

test.each(rows)(
  '%o %s has as many parameters and multiply-adds as the original',
  (family, variant, parameters, multiplyAdds) => {
    const counted = cost(classifierOf(family, variant), { image: [1, 224, 224, 3] });
    expect([counted.parameters, counted.multiplyAdds]).toEqual([parameters, multiplyAdds]);
  },
);

test('stride on the first 1×1 convolution makes a ResNet cheaper: the paper counts 3.8 G', () => {
  const options = { strideOn: 'conv1', bias: true };
  const counted = cost(classifierOf(resnet, 'resnet50', { options }), { image: [1, 224, 224, 3] });
  // Keras Applications' trainable weights
  expect(counted.parameters).toBe(25_583_592);
  expect(counted.multiplyAdds / 1e9).toBeCloseTo(3.86, 2);
});
