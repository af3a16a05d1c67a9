import { readFileSync } from 'node:fs';
import { goldenError, goldenFile, goldenImage, type Stats, sharedFolder } from '@atrous/golden';
import { decodeLabelPng } from '@atrous/mask';
import { onnx } from '@atrous/runtime-onnx';
import { tfjs } from '@atrous/runtime-tfjs';
import { floatsOf } from '@atrous/tensor';
import { loadModel, type Precision } from '@atrous/zoo';
import { describe, expect, test } from 'vitest';
import { readPicture, runtimeTable, Segmenter } from './node.ts';
import { prepare } from './prepare.ts';

/** What PyTorch makes of a shipped model with the weights of one of its files: `training/goldens.py` wrote it. */
interface ShippedGolden {
  readonly model: string;
  readonly precision: Precision;
  readonly input: { readonly size: readonly [number, number, number, number] };
  readonly features: Stats;
  readonly aspp: Stats;
  readonly logits: Stats;
}

interface PictureGolden extends Omit<ShippedGolden, 'model' | 'input'> {
  readonly picture: string;
  readonly input: Stats;
}

const given = [onnx(), tfjs()];
const { runtimes } = runtimeTable(given);
const outputs = ['features', 'aspp', 'logits'] as const;
const folderOf = (model: string) => new URL(`../../model-${model}/`, import.meta.url);
const read = <T>(name: string): T => JSON.parse(readFileSync(goldenFile(`${name}.json`), 'utf8'));

describe('the shipped models give what PyTorch gives with the same rounded weights', () => {
  describe.each(['people-int8', 'people-float16', 'people-small-int8', 'street-int8', 'street-float16'])(
    '%s',
    (name) => {
      const golden = read<ShippedGolden>(name);
      const image = goldenImage(golden.input.size);
      test.each(['onnx:native', 'onnx:wasm', 'wasm', 'tfjs:wasm'])('on %s', async (runtime) => {
        const model = await loadModel(folderOf(golden.model), { precision: golden.precision });
        const session = await (await runtimes[runtime]({})).load(model, { outputs });
        const values = await session.run({ image });
        await session.dispose();
        for (const output of outputs) {
          expect(goldenError(values[output], golden[output]), output).toBeLessThan(1e-4);
        }
      });
    },
  );
});

describe.skipIf(!sharedFolder)('pictures of their test sets (which lie beside the checkout)', () => {
  test.each([
    ['people', 'people-0320'],
    ['people', 'people-0519'],
    ['people-small', 'people-small-0320'],
    ['street', 'street-0001TP_008550'],
    ['street', 'street-Seq05VD_f02790'],
  ])('%s: %s', async (name, file) => {
    const golden = read<PictureGolden>(file);
    const isExact = name === 'street'; // JPEG decoders differ in the last bit
    const model = await loadModel(folderOf(name), { precision: golden.precision });
    const picture = await readPicture(`${sharedFolder}${golden.picture}`);
    const image = prepare(picture, model.config!.preprocess);
    expect(goldenError(image, golden.input)).toBeLessThan(isExact ? 1e-5 : 0.02);

    const session = await (await runtimes['onnx:native']({})).load(model, { outputs });
    const values = await session.run({ image });
    await session.dispose();
    for (const output of outputs) {
      expect(floatsOf(values[output]).every(Number.isFinite)).toBe(true);
      expect(goldenError(values[output], golden[output]), output).toBeLessThan(isExact ? 1e-4 : 0.05);
    }

    const whole = await Segmenter.load(folderOf(name), { runtimes: given, precision: golden.precision });
    const { labels } = await whole.segment(picture);
    await whole.dispose();
    const expected = decodeLabelPng(readFileSync(goldenFile(`${file}-labels.png`)), file);
    const same = labels.data.filter((label, i) => label === expected.data[i]).length;
    expect([labels.width, labels.height]).toEqual([expected.width, expected.height]);
    expect(same / labels.data.length).toBeGreaterThan(isExact ? 0.9999 : 0.998);
  });
});
