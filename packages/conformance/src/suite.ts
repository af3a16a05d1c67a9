import { goldenImage, relativeError } from '@atrous/golden';
import { type Compute, evaluate, type Runtime } from '@atrous/graph';
import { describe, expect, test } from 'vitest';
import { sizes as everySize, geometries } from './geometries.ts';
import { skipReason, tolerances } from './tolerances.ts';

export interface SuiteOptions {
  /** How its tests are called, where one runtime stands for several. @default the runtime's name */
  readonly name?: string;
  /** Fewer where a runtime is slow. @default all */
  readonly sizes?: readonly (readonly [number, number, number])[];
  /** What the runtime is loaded with, and the reference computes in. @default 'float32' */
  readonly compute?: Compute;
}

/** What every runtime's tests call: each operator in each geometry, at several sizes in one session. */
export function conformance(
  runtime: Runtime,
  { name = runtime.name, sizes = everySize, compute = 'float32' }: SuiteOptions = {},
): void {
  const tolerance = tolerances[runtime.name];
  describe(`${name} conforms`, () => {
    for (const [geometry, model] of geometries) {
      const reason = skipReason(runtime.name, geometry);
      test.skipIf(reason)(reason ? `${geometry}: ${reason}` : geometry, async () => {
        const session = await runtime.load(model, { compute });
        for (const size of sizes) {
          const feeds = { image: goldenImage([...size, 3]) };
          const [{ y: actual }, { y: expected }] = [
            await session.run(feeds),
            await evaluate(model, feeds, { compute }),
          ];
          expect([actual.dtype, actual.shape], `at ${size}`).toEqual([expected.dtype, expected.shape]);
          expect(relativeError(actual, expected), `at ${size}`).toBeLessThanOrEqual(tolerance);
        }
        await session.dispose();
      });
    }
  });
}
