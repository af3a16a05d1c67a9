import { mutateJson } from '../../checkpoint/src/test_json_mutations.ts';
import { tinyConfig } from './test_model.ts';

const sound = {
  ...tinyConfig,
  architecture: {
    ...tinyConfig.architecture,
    encoder: {
      family: 'xception',
      variant: 'xception41',
      options: {
        widthMultiplier: 1 / 32,
        channelDivisor: 2,
        padding: { stem: 'same' },
        epsilon: 1e-3,
        multiGrid: [1, 2, 4],
      },
    },
    aspp: { rates: [6, 12, 18], channels: 4, concat: ['1x1', 'rate0', 'rate1', 'rate2', 'pool'] },
    decoder: { lowLevel: 'entry_flow/block2/conv2', channels: 4, lowLevelChannels: 2, convolutions: 2 },
  },
  ignoreId: 255,
  weights: {
    names: 'atrous',
    parameters: 1000,
    files: [{ file: 'model.safetensors', dtype: 'float32', bytes: 4, sha256: 'a'.repeat(64) }],
  },
  scores: { miou: 0.5 },
};

/** A damaged `config.json`, the same for the same seed. */
export function mutateConfig(seed: number): Uint8Array {
  return mutateJson(JSON.stringify(sound, null, seed % 2), seed);
}
