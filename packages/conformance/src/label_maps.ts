import { goldenImage } from '@atrous/golden';
import { type LabelMapper, labelMap } from '@atrous/mask';
import { resizeConventions } from '@atrous/tensor';
import fc from 'fast-check';
import { expect } from 'vitest';

const side = fc.integer({ min: 1, max: 9 });
const extent = fc.integer({ min: 1, max: 40 });
const cases = fc.record({
  h: side,
  w: side,
  classes: fc.constantFrom(1, 2, 3, 4, 5, 11, 21, 300),
  height: extent,
  width: extent,
  resize: fc.constantFrom(...resizeConventions),
  /** Few values, so that there are ties. */
  values: fc.constantFrom(2, 5, 1000),
  confidence: fc.boolean(),
});

/** Expects the label maps of `mask`, to the last label, and confidence to 1e-6: of any logits, size, convention and region. */
export async function expectLabelMaps(mapper: LabelMapper, numRuns = 60): Promise<void> {
  await fc.assert(
    fc.asyncProperty(cases, async ({ h, w, classes, height, width, resize, values, confidence }) => {
      const logits = goldenImage([1, h, w, classes]);
      logits.data.forEach((value, i) => {
        logits.data[i] = Math.round(value * values) / 3;
      });
      const [top, left] = [height >> 2, width >> 1];
      const region = { top, left, height: height - top, width: width - left };
      const options = { height, width, resize, region, confidence };
      const [actual, expected] = [await mapper.labelMap(logits, options), labelMap(logits, options)];
      expect(actual.labels).toEqual(expected.labels);
      expect(actual.confidence?.length).toBe(expected.confidence?.length);
      actual.confidence?.forEach((value, i) => {
        expect(Math.abs(value - expected.confidence![i])).toBeLessThan(1e-6);
      });
    }),
    { numRuns },
  );
}
