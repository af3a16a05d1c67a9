import { expectRandomGraph } from '@atrous/conformance';
import { describe, test } from 'vitest';
import { builds } from './modules.ts';
import { wasm } from './node.ts';

const seeds = Array.from({ length: 60 }, (_, seed) => seed);

describe.each(builds)('%s', (build) => {
  test.each(seeds)('random graph %d equals the reference', (seed) =>
    expectRandomGraph(wasm({ build, threads: 1 }), seed),
  );
});
