import { goldenImage, relativeError } from '@atrous/golden';
import { type Compute, evaluate, type Runtime } from '@atrous/graph';
import type { Tensor } from '@atrous/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { sizes as everySize, geometries, joined } from './geometries.ts';
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
  describe(`${name} conforms`, () => {
    for (const [geometry, model] of geometries) {
      const reason = skipReason(runtime.name, geometry);
      test.skipIf(reason)(reason ? `${geometry}: ${reason}` : geometry, async () => {
        const session = await runtime.load(model, { compute });
        for (const size of sizes) {
          const feeds = { image: goldenImage([...size, 3]) };
          const { y } = await session.run(feeds);
          expectEqual(runtime, y, (await evaluate(model, feeds, { compute })).y, `at ${size}`);
        }
        await session.dispose();
      });
    }
  });
}

/** The same where a session costs a runtime seconds, as on a software adapter: all geometries in one network, at one size. */
export function jointConformance(runtime: Runtime, size: readonly [number, number, number]): void {
  const names = [...geometries.keys()].filter((geometry) => !skipReason(runtime.name, geometry));
  describe(`${runtime.name} conforms`, () => {
    let found: readonly [actual: Tensor, expected: Tensor][] = [];
    beforeAll(async () => {
      const model = joined(names);
      const feeds = { image: goldenImage([...size, 3]) };
      const session = await runtime.load(model);
      const [actual, expected] = [await session.run(feeds), await evaluate(model, feeds)];
      await session.dispose();
      found = names.map((_, i) => [actual[`y${i}`], expected[`y${i}`]]);
    });
    for (const geometry of geometries.keys()) {
      const reason = skipReason(runtime.name, geometry);
      test.skipIf(reason)(reason ? `${geometry}: ${reason}` : geometry, () => {
        const [actual, expected] = found[names.indexOf(geometry)];
        expectEqual(runtime, actual, expected, `at ${size}`);
      });
    }
  });
}

function expectEqual(runtime: Runtime, actual: Tensor, expected: Tensor, where: string): void {
  expect([actual.dtype, actual.shape], where).toEqual([expected.dtype, expected.shape]);
  expect(relativeError(actual, expected), where).toBeLessThanOrEqual(tolerances[runtime.name]);
}
