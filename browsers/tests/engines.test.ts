import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { GoldenName } from '@atrous/golden';
import type { Runtime } from '@atrous/graph';
import { onnx } from '@atrous/runtime-onnx';
import { wasm } from '@atrous/runtime-wasm';
import { Segmenter } from '@atrous/segmenter';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { serve } from '../../benchmarks/src/server.ts';
import { type Engine, engines, type Suite } from '../page/suite.ts';
import type { Browser } from '../src/browser.ts';
import { browsers } from '../src/browsers.ts';
import { holdSupport, support } from '../src/support.ts';

declare const suite: Suite;

const goldens: readonly GoldenName[] = [
  'timm-xception41-129-os16',
  'torchvision-deeplabv3_mobilenet_v3_large-65x97',
];

/** A label map that is the same to the last bit in every browser and in Node. */
interface Case {
  readonly model: string;
  readonly engine: Engine;
  readonly compute: 'float32' | 'int8';
}
const cases: readonly Case[] = [
  { model: 'people-small', engine: 'SIMD128, one thread', compute: 'float32' },
  { model: 'people-small', engine: 'SIMD128, two threads', compute: 'float32' },
  { model: 'people-small', engine: 'SIMD128, one thread', compute: 'int8' },
  { model: 'people-small', engine: 'onnx:wasm', compute: 'float32' },
  { model: 'street', engine: 'SIMD128, two threads', compute: 'float32' },
];
const picture = 'pictures/astronaut.png';
const fromRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** What Node makes of each case, once for all browsers. */
const known = new Map<Case, Promise<string>>();
function labelsInNode(each: Case): Promise<string> {
  const labels = known.get(each) ?? segmentInNode(each);
  known.set(each, labels);
  return labels;
}

async function segmentInNode({ model, engine, compute }: Case): Promise<string> {
  const runtime: Runtime =
    engine === 'onnx:wasm'
      ? await onnx()['onnx:wasm']({})
      : wasm({ build: 'simd', threads: engine.endsWith('two threads') ? 2 : 1 });
  const segmenter = await Segmenter.load(fromRoot(`packages/model-${model}/`), {
    runtime,
    compute,
    precision: 'int8',
  });
  const { labels } = await segmenter.segment(fromRoot(`apps/cli/examples/astronaut.png`));
  await segmenter.dispose();
  return `${labels.width}×${labels.height} ${createHash('sha256').update(labels.data).digest('hex')}`;
}

describe.each(browsers)('$name', ({ name, path, launch, lacksGpu }) => {
  describe.skipIf(!path)(path ? 'engines' : 'is not installed here: engines', () => {
    let host: Awaited<ReturnType<typeof serve>>;
    let browser: Browser;
    let isRelaxed: boolean;
    let hasGpu: boolean;
    beforeAll(async () => {
      host = await serve(inject('page'));
      browser = await launch(path!);
      await browser.open(host.url);
      // a page of modules may be said to be there before they are
      isRelaxed = await browser.evaluate(async () => {
        while (typeof suite === 'undefined') await new Promise((resolve) => setTimeout(resolve, 50));
        return suite.isRelaxed();
      });
      hasGpu = await browser.evaluate(() => suite.hasGpu());
    });
    afterAll(async () => {
      await browser?.close();
      await host?.close();
    });

    describe.each(goldens)('%s', (golden) => {
      test.for(engines)('on %s', async (engine, { skip }) => {
        skip(engine === 'webgpu' && !hasGpu, lacksGpu ?? 'has no WebGPU');
        const error = browser.evaluate((which, on) => suite.parity(which, on), golden, engine);
        if (engine.startsWith('relaxed') && !isRelaxed) {
          await expect(error).rejects.toThrow('relaxed SIMD is not available here');
        } else expect(await error).toBeLessThan(1e-5);
      });
    });

    test.each(cases)('$model on $engine in $compute: the label map of Node, bit for bit', async (each) => {
      const labels = await browser.evaluate(
        ({ model, engine, compute }, shown) =>
          suite.labels(`packages/model-${model}/`, shown, engine, compute),
        each,
        picture,
      );
      expect(labels).toBe(await labelsInNode(each));
    });

    test('has the runtimes and features that the README says', async () => {
      const runtimes: Record<string, boolean> = {};
      for (const runtime of await browser.evaluate(() => suite.runtimes())) {
        if (lacksGpu && runtime.endsWith('webgpu')) {
          console.log(`${name}, ${runtime}: not looked at: ${lacksGpu}`);
          runtimes[runtime] = support[name].runtimes[runtime];
          continue;
        }
        const found = await browser.evaluate((which) => suite.narrow(which), runtime);
        if (typeof found === 'number') expect(found, runtime).toBeLessThan(1e-3);
        runtimes[runtime] = typeof found === 'number';
      }
      const isThreaded = await browser.evaluate(() => suite.isThreaded());
      holdSupport(name, { version: browser.version, isThreaded, isRelaxed, runtimes });
    });
  });
});
