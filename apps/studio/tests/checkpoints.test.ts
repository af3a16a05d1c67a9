import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '@atrous/tensor';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gzip, writeTar } from '../../../packages/checkpoint/src/tar/test_tar.ts';
import { axe } from './axe.ts';
import { fixture, safetensors, sharded, weightsOf } from './checkpoint_files.ts';
import {
  astronautPng,
  choose,
  chooseRuntime,
  fileOf,
  type GivenFile,
  give,
  launch,
  look,
  models,
  openStudio,
  type Studio,
  waitForMask,
} from './studio.ts';

let browser: Browser;
let studio: Studio;
let page: Page;
let deeplab: Record<string, Tensor>;
let classifier: Record<string, Tensor>;
beforeAll(async () => {
  browser = await launch();
  studio = await openStudio(browser);
  page = studio.page;
  await waitForMask(page);
  deeplab = await weightsOf('torchvision-deeplabv3_mobilenet_v3_large-65x97');
  classifier = await weightsOf('timm-mobilenetv2_100-97x129-os16');
});
afterAll(async () => {
  await studio.close();
  await browser.close();
});

const own = (name: string) => page.getByRole('radio', { name: `${name} your own`, exact: true });
const about = (file: string) => page.getByLabel(`What ${file} is`);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-studio-models-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Drops files; large ones are chosen by their paths, so that no test carries them into the page. */
async function open(...files: GivenFile[]): Promise<void> {
  if (files.every(({ bytes }) => bytes.length < 1e6)) return give(page, 'drop', files);
  const paths = files.map(({ name }) => join(folder, name));
  await Promise.all(files.map(({ bytes }, i) => writeFile(paths[i], bytes)));
  await choose(page, paths);
}

/** Closes the message that says this, after it came. */
async function expectError(message: string | RegExp): Promise<void> {
  const error = page.getByRole('alert').filter({ hasText: message });
  await error.waitFor();
  await error.getByRole('button', { name: 'Close this message' }).click();
}

describe('a checkpoint that is dropped gives a mask, and what it is is said', () => {
  const expectMask = async (file: string) => {
    await about(file).waitFor();
    await page.locator('.legend').getByText('potted plant').waitFor();
    await waitForMask(page);
    const facts = await about(file).textContent();
    expect(facts).toContain("Weights oftorchvision's DeepLabV3");
    expect(facts).toContain('deeplabv3-mobilenetv3_large_100, output stride 16, 11 M parameters');
    expect(facts).toContain('Classes21, as many as PASCAL VOC has');
    return facts;
  };
  const people = async () => {
    await page.getByRole('radio', { name: /^People, small/ }).click();
    await page.locator('.legend').getByText('hair').waitFor();
    await waitForMask(page);
  };

  test('one file, with what wrapped and followed its weights', async () => {
    const wrapped = Object.fromEntries(
      Object.entries(deeplab).map(([name, weight]) => [`module.${name}`, weight]),
    );
    const spare = deeplab['classifier.4.bias'];
    await open(
      await safetensors('best.safetensors', {
        ...wrapped,
        'module.backbone.0.1.num_batches_tracked': spare,
        'optimizer.step': spare,
      }),
    );
    const facts = await expectMask('best.safetensors');
    expect(facts).toContain('best.safetensors: a safetensors file');
    expect(facts).toContain('all behind “module.”, 8 that only training needs, 1 left over');
    expect(facts).toContain('Left overoptimizer.step');
    // another runtime takes the same model
    await chooseRuntime(page, 'onnxruntime, WASM', 'onnx:wasm');
    await expectMask('best.safetensors');
    await chooseRuntime(page, 'Automatic', 'wasm');
  });

  test('shards with their index', async () => {
    await people();
    await open(...(await sharded(deeplab)));
    expect(await expectMask('model.safetensors.index.json')).toContain(': a shard index');
  });

  test("an archive as a model zoo's, beside a picture: each is opened, and what is done is said", async () => {
    await people();
    const { bytes } = await safetensors('model.safetensors', deeplab);
    const tar = writeTar({ 'zoo/model.safetensors': bytes, 'zoo/README.md': Buffer.from('# Weights') });
    await open(await fileOf(astronautPng, 'image/png'), {
      name: 'deeplabv3.tar.gz',
      type: 'application/gzip',
      bytes: await gzip(tar),
    });
    await page
      .getByText('deeplabv3.tar.gz: loading it as a model; astronaut.png: opened after that')
      .waitFor();
    await waitForMask(page, 'astronaut.png');
    await page.getByRole('button', { name: 'Remove astronaut.png' }).click();
    await look(page);
    const facts = await expectMask('deeplabv3.tar.gz');
    expect(facts).toContain('deeplabv3.tar.gz: zoo/model.safetensors, a safetensors file');
    expect(facts).toContain('Not usedzoo/README.md');
  });

  test('our own weights without their config', async () => {
    await open(await fileOf(`${models.peopleSmall}model.int8.safetensors`, 'application/octet-stream'));
    await about('model.int8.safetensors').waitFor();
    await waitForMask(page);
    expect(await about('model.int8.safetensors').textContent()).toContain('Classes12, without names');
  });
});

describe('what gives no mask is a sentence that says why, and what was in use goes on', () => {
  beforeAll(async () => {
    await open(await safetensors('kept.safetensors', deeplab));
    await about('kept.safetensors').waitFor();
  });
  const withoutHead = (weights: Record<string, Tensor>) =>
    Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith('classifier.')));

  const refused: [string, () => Promise<GivenFile[]>, string | RegExp][] = [
    [
      'a classifier',
      async () => [await safetensors('mobilenet.safetensors', classifier)],
      /mobilenet\.safetensors is mobilenetv2_100 as .*: a classifier of 1000 classes\. .*atrous classify/,
    ],
    [
      'an encoder without a head',
      async () => [await safetensors('encoder.safetensors', withoutHead(classifier))],
      /encoder\.safetensors is mobilenetv2_100 as .*: an encoder without a head\. .*@atrous\/encoder/,
    ],
    [
      'a shard without the others',
      async () => [(await sharded(deeplab))[0]],
      /model-00001-of-00002\.safetensors is shard 1 of 2; their index .* is missing/,
    ],
    [
      'an index without a shard',
      async () => (await sharded(deeplab)).slice(1),
      'its shard model-00001-of-00002.safetensors is missing',
    ],
    [
      'an index of TensorFlow without its data',
      async () => [await fixture('tensorflow/same.index')],
      'its data file same.data-00000-of-00001 is missing',
    ],
    [
      'data of TensorFlow without their index',
      async () => [await fixture('tensorflow/same.data-00000-of-00001')],
      'its weights lie in same.index, which is missing',
    ],
    [
      'a model.json without its data',
      async () => [await fixture('tfjs/model.json')],
      'its file group1-shard1of3.bin is missing',
    ],
    [
      'a pickle that runs something',
      async () => [await fixture('torch_evil_system.pth')],
      /torch_evil_system\.pth: .*system/,
    ],
    [
      'an archive without a checkpoint',
      async () => [
        {
          name: 'texts.tar.gz',
          type: 'application/gzip',
          bytes: await gzip(writeTar({ 'a/one.txt': Buffer.from('1'), 'a/two.txt': Buffer.from('2') })),
        },
      ],
      'texts.tar.gz: none of its files is a checkpoint: a/one.txt, a/two.txt',
    ],
    [
      'two models at once',
      async () => [await fixture('torch_zip.pth'), await fixture('torch_one.pth')],
      '2 files: several checkpoints: torch_zip.pth, torch_one.pth',
    ],
  ];
  // small files whose weights are nobody's: each is read by its own format's code
  const strangers: [string, string[]][] = [
    ['PyTorch', ['torch_zip.pth']],
    ['PyTorch, legacy', ['torch_legacy.pth']],
    ['TorchScript', ['torch_script.pt']],
    ['Keras HDF5', ['keras_layers.h5']],
    ['Keras weights', ['keras_layers.weights.h5']],
    ['Keras archive', ['keras_layers.keras']],
    ['ONNX', ['onnx_torch.onnx']],
    ['ONNX with data beside it', ['onnx_external.onnx', 'onnx_external.data']],
    ['TensorFlow checkpoint', ['tensorflow/same.index', 'tensorflow/same.data-00000-of-00001']],
    ['TensorFlow frozen graph', ['tensorflow/frozen.pb']],
    [
      'TensorFlow.js',
      [
        'model.json',
        'group1-shard1of3.bin',
        'group1-shard2of3.bin',
        'group1-shard3of3.bin',
        'group2-shard1of1.bin',
      ].map((name) => `tfjs/${name}`),
    ],
  ];

  test.each([
    ...refused,
    ...strangers.map(([format, paths]): (typeof refused)[number] => [
      `weights of nobody that is known: ${format}`,
      () => Promise.all(paths.map(fixture)),
      /: the weights.* (of none of the sources that we read:[\s\S]*torchvision|do not fit the network)/,
    ]),
  ])('%s', async (_, files, message) => {
    await open(...(await files()));
    await expectError(message);
    await expect.poll(() => own('kept.safetensors').isChecked()).toBe(true);
    await about('kept.safetensors').waitFor();
  });

  test('axe-core finds nothing where a model of somebody else is in use, and an error is unfolded', async () => {
    await open(await fixture('keras_layers.h5'));
    await page.getByRole('alert').getByText('do not fit the network').click();
    await page.getByRole('alert').getByText('missing:').waitFor();
    expect(await axe(page)).toEqual([]);
    await expectError('do not fit the network');
  });

  test('loading can be given up', async () => {
    await open(await safetensors('unwanted.safetensors', deeplab));
    await page.getByText('unwanted.safetensors …').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('unwanted.safetensors …').waitFor({ state: 'detached' });
    await expect.poll(() => own('kept.safetensors').isChecked()).toBe(true);
    await waitForMask(page);
  });
});
