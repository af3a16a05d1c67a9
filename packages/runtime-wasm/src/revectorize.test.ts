import { randomGraph } from '@atrous/conformance';
import { filledModel, goldenImage } from '@atrous/golden';
import type { Tensor } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { forms } from './forms.ts';
import { builds } from './modules.ts';
import { wasm } from './node.ts';
import { checkRevectorize } from './revectorize.ts';

const isOld = Number.parseInt(process.versions.node, 10) < 24;

test.skipIf(isOld)(
  'kernels whose operations V8 pairs give the same bits, in every build and precision',
  async () => {
    const model = filledModel(randomGraph(8));
    const feeds = { image: goldenImage([2, 13, 18, model.graph.inputs.image.shape[3]!]) };
    for (const build of builds) {
      for (const compute of ['float32', 'int8'] as const) {
        const answers: Record<string, Tensor>[] = [];
        for (const options of [
          { threads: 1 },
          { threads: 1, revectorize: true, float32Form: forms.float32[0], int8Form: forms.int8[0] },
          { threads: 2, revectorize: true, float32Form: forms.float32[1], int8Form: forms.int8[2] },
        ]) {
          const session = await wasm({ build, compute, ...options }).load(model);
          answers.push(await session.run(feeds));
          await session.dispose();
        }
        for (const answer of answers) expect(answer, `${build} ${compute}`).toEqual(answers[0]);
      }
    }
  },
);

test('before Node 24 it is an error that says so', () => {
  expect(() => checkRevectorize('22.11.0')).toThrow('this is Node 22.11.0, Node 24 or later is needed');
  expect(() => checkRevectorize('24.0.0')).not.toThrow();
});
