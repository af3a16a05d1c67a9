import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { loadEncoder } from './node.ts';
import { picture } from './test_models.ts';

/**
 * A folder in which @vladmandic/face-api, @tensorflow/tfjs and @tensorflow/tfjs-backend-wasm (4.22.0) are installed:
 * `ATROUS_FACE_API=folder`. They are no dependencies of ours.
 */
const folder = process.env.ATROUS_FACE_API;

/** What the test uses of face-api.js. */
interface FaceApi {
  readonly tf: {
    setBackend(name: string): Promise<boolean>;
    ready(): Promise<void>;
    tensor3d(data: ArrayLike<number>, shape: readonly [number, number, number], dtype: 'int32'): object;
  };
  readonly nets: {
    readonly ageGenderNet: {
      loadFromDisk(folder: string): Promise<void>;
      runNet(input: object): Record<'age' | 'gender', { data(): Promise<Float32Array> }>;
    };
  };
  toNetInput(picture: object): Promise<object>;
}

test.skipIf(!folder)("face-api.js' age and gender network answers as its own package does", async () => {
  const require = createRequire(join(folder!, 'index.js'));
  const theirs: FaceApi = require('@vladmandic/face-api/dist/face-api.node-wasm.js');
  const model = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'model');
  await theirs.tf.setBackend('wasm');
  await theirs.tf.ready();
  await theirs.nets.ageGenderNet.loadFromDisk(model);

  const encoder = await loadEncoder(join(model, 'age_gender_model-weights_manifest.json'), {
    runtime: 'wasm',
  });
  expect([encoder.network, encoder.source]).toEqual(['tiny-xception-faces', 'face-api']);
  for (const [red, green, blue] of [
    [200, 30, 40],
    [20, 130, 220],
    [128, 128, 128],
  ]) {
    const pixels = picture(112, 112, [red, green, blue]);
    for (let i = 0; i < pixels.data.length; i++) pixels.data[i] += (i * i) % 29; // a face of its kind
    const input = await theirs.toNetInput(theirs.tf.tensor3d(pixels.data, [112, 112, 3], 'int32'));
    const expected = theirs.nets.ageGenderNet.runNet(input);
    const actual = await encoder.answers(pixels);
    for (const name of ['age', 'gender'] as const) {
      const values = await expected[name].data();
      const scale = Math.max(...values.map(Math.abs));
      expect(actual[name]).toHaveLength(values.length);
      values.forEach((value, i) => {
        expect(Math.abs(actual[name][i] - value) / scale).toBeLessThan(1e-4);
      });
    }
  }
  await encoder.dispose();
});
