import { AtrousError } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { decodePicture } from './decode_node.ts';
import { channelsOf } from './pixels.ts';
import { damagedFormats, mutatePicture, soundPictures } from './test_picture_mutations.ts';

// scripts/mutations/pictures.ts runs many more
test.each(damagedFormats)('a damaged %s ends in pixels or in an error of ours', async (format) => {
  const sound = await soundPictures(format);
  for (const bytes of sound) await decodePicture(bytes, 'sound');
  const outcomes = { read: 0, refused: 0 };
  for (let seed = 0; seed < 120; seed++) {
    const bytes = mutatePicture(sound[seed % sound.length], format, seed);
    const outcome = await decodePicture(bytes, 'damaged').catch((error: Error) => error);
    if (outcome instanceof Error) {
      expect(outcome, `seed ${seed}`).toBeInstanceOf(AtrousError);
      expect(outcome.message.length, `seed ${seed}`).toBeLessThan(1000);
      outcomes.refused++;
    } else {
      expect([1, 3, 4]).toContain(channelsOf(outcome));
      outcomes.read++;
    }
  }
  expect(outcomes.read).toBeGreaterThan(3); // PNG has checksums
  expect(outcomes.refused).toBeGreaterThan(10);
});
