import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forwardOnly, type Progress } from './progress.ts';

const step: fc.Arbitrary<Progress> = fc.record({
  phase: fc.constantFrom('download', 'verify'),
  file: fc.constantFrom('a', 'b'),
  loaded: fc.nat(9),
});

test('progress of each file and phase never goes back, and what goes on is told', () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const told: Progress[] = [];
      const report = forwardOnly((progress) => told.push(progress));
      for (const step of steps) report(step);
      for (const phase of ['download', 'verify']) {
        for (const file of ['a', 'b']) {
          const of = (list: Progress[]) => list.filter((step) => step.phase === phase && step.file === file);
          const all = of(steps);
          const highest = (i: number) => Math.max(...all.slice(0, i + 1).map(({ loaded }) => loaded));
          expect(of(told)).toEqual(all.filter(({ loaded }, i) => loaded === highest(i)));
        }
      }
    }),
  );
});
