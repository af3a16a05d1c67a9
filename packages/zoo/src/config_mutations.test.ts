import { AtrousError } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { buildNetwork } from './architecture.ts';
import { parseConfig } from './config.ts';
import { mutateConfig } from './test_config_mutations.ts';

// scripts/mutations/weights.ts runs many more
test('a damaged config ends in a network that can be built or in a short error of ours', async () => {
  let accepted = 0;
  for (let seed = 0; seed < 500; seed++) {
    const text = new TextDecoder().decode(mutateConfig(seed));
    try {
      const { config, family } = await parseConfig(text, 'c');
      const { preprocess } = config;
      buildNetwork(family, config.architecture);
      for (const values of [preprocess.mean, preprocess.std, preprocess.range]) {
        expect(
          values.every((value) => Number.isFinite(Math.fround(value))),
          `seed ${seed}`,
        ).toBe(true);
      }
      accepted++;
    } catch (error) {
      expect(error, `seed ${seed}`).toBeInstanceOf(AtrousError);
      expect(error, `seed ${seed}`).toMatchObject({ code: 'config' });
      expect((error as Error).message.length, `seed ${seed}`).toBeLessThan(4000);
    }
  }
  expect(accepted).toBeGreaterThan(20);
  expect(accepted).toBeLessThan(250);
});
