import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSafetensors, readAll, toSafetensors } from '@atrous/checkpoint';
import { fileBytes } from '@atrous/checkpoint/node';
import { goldenError, goldenImage, goldenWeights, loadGolden, relativeError } from '@atrous/golden';
import { decodeLabelPng } from '@atrous/mask';
import { tensor } from '@atrous/tensor';
import { decode, encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tinyFiles } from '../../../packages/zoo/src/test_model.ts';
import { runCommand } from './test_command.ts';

const astronaut = fileURLToPath(new URL('../examples/astronaut.png', import.meta.url));
const [people, quarter] = ['model-people', 'golden/models/quarter'].map((folder) =>
  fileURLToPath(new URL(`../../../packages/${folder}/`, import.meta.url)),
);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

const atrous = (...args: string[]) => runCommand(folder, ...args);

async function picture(name: string, width: number, height: number): Promise<string> {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256);
  await writeFile(join(folder, name), encode({ width, height, data, channels: 3 }));
  return name;
}

describe('segment', () => {
  test('writes mask, overlay and cut-out, and reports them as JSON', async () => {
    const { code, stdout } = await atrous(
      'segment',
      astronaut,
      '-o',
      'out',
      '--cutout',
      'hair,skin',
      '--json',
    );
    expect(code).toBe(0);
    const { files, failed, runtime, reason } = JSON.parse(stdout);
    expect(failed).toEqual([]);
    expect(runtime).toBe('onnx:native');
    expect(reason).toContain('first available choice');
    const [file] = files;
    expect(file).toMatchObject({
      height: 512,
      width: 512,
      mask: 'out/astronaut.mask.png',
      overlay: 'out/astronaut.overlay.png',
    });
    const mask = decodeLabelPng(await readFile(join(folder, file.mask)), 'mask');
    for (const { id, share } of file.classes) {
      expect(mask.data.filter((label) => label === id).length / mask.data.length).toBeCloseTo(share, 12);
    }
    const kept = decode(await readFile(join(folder, file.cutout)));
    expect(kept.channels).toBe(4);
    const alphas = kept.data.filter((_, i) => i % 4 === 3);
    const agree = alphas.filter((alpha, i) => alpha > 127 === (mask.data[i] === 1 || mask.data[i] === 2));
    expect(agree.length / alphas.length).toBeGreaterThan(0.9);
    expect(new Set(alphas).size).toBeGreaterThan(50); // neither all nor nothing
  });

  test('what is not sure enough is unknown in the mask, said in the summary, and left as it is in the overlay', async () => {
    const flags = ['-o', 'unsure', '--model', 'people-small', '--min-confidence', '0.9', '--json'];
    const [file] = JSON.parse((await atrous('segment', astronaut, ...flags)).stdout).files;
    const mask = decodeLabelPng(await readFile(join(folder, file.mask)), 'mask');
    const { share } = file.classes.find(({ name }: { name: string }) => name === 'unknown');
    const unknown = [...mask.data].flatMap((id, i) => (id === 255 ? i : []));
    expect(unknown.length / mask.data.length).toBeCloseTo(share, 9);
    const [drawn, picture] = await Promise.all(
      [join(folder, file.overlay), astronaut].map(async (path) => decode(await readFile(path))),
    );
    const at = (image: typeof drawn, pixel: number) =>
      [0, 1, 2].map((c) => image.data[image.channels * pixel + c]);
    expect(unknown.length).toBeGreaterThan(100);
    for (const pixel of unknown) expect(at(drawn, pixel)).toEqual(at(picture, pixel));
  });

  test('hard edges are those of the mask', async () => {
    const flags = ['-o', 'hard', '--cutout', 'hair,skin', '--hard-edges', '--json'];
    const [file] = JSON.parse((await atrous('segment', astronaut, ...flags)).stdout).files;
    const mask = decodeLabelPng(await readFile(join(folder, file.mask)), 'mask');
    const kept = decode(await readFile(join(folder, file.cutout)));
    expect(
      [...mask.data].every((label, i) => kept.data[4 * i + 3] === (label === 1 || label === 2 ? 255 : 0)),
    ).toBe(true);
  });

  test('pictures of one pixel, and of 12000×40, get masks of their own size', async () => {
    const names = [await picture('one.png', 1, 1), await picture('wide.png', 12000, 40)];
    const { files } = JSON.parse((await atrous('segment', ...names, '--json')).stdout);
    expect(files.map(({ width, height }: { width: number; height: number }) => [width, height])).toEqual([
      [1, 1],
      [12000, 40],
    ]);
    const { width, height } = decode(await readFile(join(folder, 'wide.mask.png')));
    expect([width, height]).toEqual([12000, 40]);
  });

  test('goes on past bad files, and lists them in the end', async () => {
    await writeFile(join(folder, 'notes.jpg'), 'these are notes');
    await writeFile(join(folder, 'empty.png'), '');
    const good = await picture('good.png', 20, 20);
    const { code, stdout, stderr } = await atrous(
      'segment',
      'notes.jpg',
      'empty.png',
      'missing.webp',
      good,
      '--json',
    );
    expect(code).toBe(1);
    const { files, failed } = JSON.parse(stdout);
    expect(files.map(({ input }: { input: string }) => input)).toEqual([good]);
    expect(failed.map(({ input }: { input: string }) => input)).toEqual([
      'notes.jpg',
      'empty.png',
      'missing.webp',
    ]);
    expect(stderr).toContain('notes.jpg: not a picture that can be read');
    expect(stderr).toContain('empty.png: the file is empty (0 bytes)');
    expect(stderr).toContain('missing.webp: no such file');
  });

  test('will not write two results to one name', async () => {
    const { code, stderr } = await atrous('segment', 'a/photo.jpg', 'a/photo.png');
    expect(code).toBe(1);
    expect(stderr).toContain('a/photo.jpg and a/photo.png would both write photo.mask.png');
  });

  test.each([
    [['--runtime', 'cuda'], /'cuda' is invalid. Allowed choices are auto, onnx, /],
    [['--model', 'no-such-model'], /model "no-such-model": neither a folder/],
    [['--cutout', 'wings'], /unknown class "wings": expected one of background, hair/],
    [['--opacity', '2'], /Expected a number from 0 to 1/],
    [['--threads', '0'], /Expected a whole number of at least 1/],
  ])('%s is an error', async (args, message) => {
    const { code, stderr } = await atrous('segment', astronaut, ...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
  });

  test('a config without labels, or with damaged weights, is an error', async () => {
    const config = JSON.parse(await readFile(join(people, 'config.json'), 'utf8'));
    const { labels: _, ...unlabelled } = config;
    await writeFile(join(folder, 'config.json'), JSON.stringify(unlabelled));
    const without = await atrous('segment', astronaut, '--model', '.');
    expect(without).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/not a model's config:\s+labels/),
    });
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    const weights = await readFile(join(people, 'model.fp16.safetensors'));
    await writeFile(join(folder, 'model.fp16.safetensors'), weights.subarray(0, 1000));
    const damaged = await atrous('segment', astronaut, '--model', '.', '--json');
    expect(damaged.code).toBe(1);
    expect(JSON.parse(damaged.stdout).error).toMatchObject({ code: 'integrity' });
  });
});

describe('run', () => {
  test.each([
    ['timm-xception41-96x160-os16-batch2', 'auto'],
    ['keras-deeplabv3plus-xception65-65x321-os16', 'wasm'],
    ['timm-xception41p-129-os16', 'tfjs'],
  ] as const)('%s on %s answers as the original', async (name, runtime) => {
    const golden = await loadGolden(name);
    await writeFile(
      join(folder, 'weights.safetensors'),
      await toSafetensors(await readAll(goldenWeights(golden))),
    );
    await writeFile(
      join(folder, 'in.safetensors'),
      await toSafetensors({ image: goldenImage(golden.input.size) }),
    );
    const args = [
      '--runtime',
      runtime,
      '--network',
      golden.model,
      '--output-stride',
      '16',
      '--feeds',
      'in.safetensors',
      '-o',
      'out.safetensors',
    ];
    const { code, stdout, stderr } = await atrous('run', 'weights.safetensors', ...args, '--json');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).outputs).toHaveProperty('logits');
    const { logits } = await readAll(await openSafetensors(await fileBytes(join(folder, 'out.safetensors'))));
    const expected =
      golden.logits ?? (golden.endpoints as Record<string, NonNullable<typeof golden.logits>>).logits;
    expect(goldenError(logits, expected)).toBeLessThan(1e-4);
  });

  describe('bad input', () => {
    beforeAll(async () => {
      await writeFile(
        join(folder, 'image.safetensors'),
        await toSafetensors({ image: goldenImage([1, 65, 65, 3]) }),
      );
      await writeFile(join(folder, 'x.safetensors'), await toSafetensors({ x: goldenImage([1, 65, 65, 3]) }));
      const weights = { 'stem.0.conv.weight': tensor('float32', [32, 3, 5, 5]) };
      const sound = await toSafetensors(weights);
      await writeFile(join(folder, 'strange.safetensors'), sound);
      await writeFile(
        join(folder, 'misshaped.safetensors'),
        await toSafetensors({ ...weights, 'blocks.0.stack.conv1.bn_dw.weight': tensor('float32', [64]) }),
      );
      await writeFile(join(folder, 'truncated.safetensors'), sound.subarray(0, sound.length - 10));
      const text = new TextDecoder('latin1').decode(sound).replace('[0,9600]', '[8,9608]');
      await writeFile(join(folder, 'lying.safetensors'), Buffer.from(text, 'latin1'));
      await writeFile(join(folder, 'text.safetensors'), 'no weights at all');
      await copyFile(join(quarter, 'model.safetensors'), join(folder, 'quarter.safetensors'));
    });
    const feeds = ['--feeds', 'image.safetensors', '-o', 'never.safetensors'];
    const cases: [what: string, args: string[], message: RegExp][] = [
      [
        'a checkpoint cut off',
        ['truncated.safetensors', '--network', 'xception41', ...feeds],
        /truncated\.safetensors: not a sound safetensors file: .*cut off/,
      ],
      [
        'a header that lies about offsets',
        ['lying.safetensors', '--network', 'xception41', ...feeds],
        /lying\.safetensors: not a sound safetensors file/,
      ],
      [
        'a weight of the wrong shape',
        ['misshaped.safetensors', '--network', 'xception41', ...feeds],
        /misshaped:\s+stem\.0\.conv\.weight: expected \[32,3,3,3\], got float32\[32,3,5,5\]/,
      ],
      ['text', ['text.safetensors', '--network', 'xception41', ...feeds], /not a sound safetensors file/],
      ['weights of nobody', ['strange.safetensors', ...feeds], /are of none of the sources that we read:/],
      [
        'an unknown network',
        ['quarter.safetensors', '--network', 'resnet', ...feeds],
        /unknown network "resnet"; did you mean resnet18\?: expected one of xception,/,
      ],
      [
        'a class count that does not agree',
        ['quarter.safetensors', '--network', 'deeplabv3plus-xception41', '--classes', '21', ...feeds],
        /21 classes asked for, but the checkpoint has 11/,
      ],
      [
        'an unknown output',
        ['quarter.safetensors', '--network', 'deeplabv3plus-xception41', '--outputs', 'mask', ...feeds],
        /unknown output "mask": expected one of logits, /,
      ],
      [
        'an unknown feed',
        [
          'quarter.safetensors',
          '--network',
          'deeplabv3plus-xception41',
          '--feeds',
          'x.safetensors',
          '-o',
          'never.safetensors',
        ],
        /unknown feed "x": the network takes image/,
      ],
      [
        'missing feeds',
        [
          'quarter.safetensors',
          '--network',
          'deeplabv3plus-xception41',
          '--feeds',
          'none.safetensors',
          '-o',
          'never.safetensors',
        ],
        /none\.safetensors: no such file/,
      ],
      [
        'an unknown runtime',
        ['quarter.safetensors', '--network', 'deeplabv3plus-xception41', '--runtime', 'cuda', ...feeds],
        /Allowed choices are/,
      ],
    ];
    test.each(cases)('%s', async (_what, args, message) => {
      const { code, stderr } = await atrous('run', ...args);
      expect(stderr).toMatch(message);
      expect(stderr).not.toContain('    at '); // no stack: it is not our fault
      expect(code).not.toBe(0);
    });
  });
});

describe('summary', () => {
  test.each([
    [
      ['deeplabv3plus-xception65', '--classes', '21', '--output-stride', '16', '--input', '513x513'],
      54.04,
      41.06,
    ],
    [['xception'], 8.4, 22.86],
  ])('%s', async (args, gigaMacs, millions) => {
    const { macs, parameters } = JSON.parse((await atrous('summary', ...args, '--json')).stdout);
    expect(macs / 1e9).toBeCloseTo(gigaMacs, 1);
    expect(parameters / 1e6).toBeCloseTo(millions, 2);
  });
  test('with the time of each step on our own engine', async () => {
    const args = ['people', '--profile', '--threads', '1', '--input', '96x64'];
    const { profile } = JSON.parse((await atrous('summary', ...args, '--json')).stdout);
    expect(profile).toMatchObject({ build: 'relaxed', threads: 1 });
    expect(profile.steps.length).toBeGreaterThan(40);
    expect((await atrous('summary', ...args)).stdout).toMatch(/% of the measured peak of [\d.]+/);
  });
  test('is a table for people', async () => {
    const { stdout } = await atrous('summary', 'xception41', '--input', '97x129');
    expect(stdout).toMatch(/encoder\/middle_flow\/block8\/conv3\/pointwise +conv2d +1×\d+×\d+×728/);
    expect(stdout).toContain('with ordinary convolutions');
  });
});

test('runtimes lists what is available and why the rest is not', async () => {
  const { runtimes, auto } = JSON.parse((await atrous('runtimes', '--json')).stdout);
  expect(runtimes.map(({ name }: { name: string }) => name)).toEqual([
    'onnx:native',
    'wasm',
    'webgpu',
    'onnx:wasm',
    'tfjs:wasm',
    'tfjs:webgl',
    'tfjs:webgpu',
    'tfjs:cpu',
    'reference',
  ]);
  expect(auto).toBe('onnx:native');
});

test('evaluate scores what segment wrote as perfect', async () => {
  await atrous('segment', astronaut, '-o', 'truth');
  await copyFile(join(folder, 'truth/astronaut.mask.png'), join(folder, 'truth/photo.png')); // any folder of PNGs
  await rm(join(folder, 'truth/astronaut.mask.png'));
  await rm(join(folder, 'truth/astronaut.overlay.png'));
  const images = await mkdtemp(join(folder, 'images-'));
  await copyFile(astronaut, join(images, 'photo.png'));
  const { stdout, code } = await atrous('evaluate', '--images', images, '--labels', 'truth', '--json');
  expect(code).toBe(0);
  const { miou, accuracy, iou } = JSON.parse(stdout);
  expect([miou, accuracy]).toEqual([1, 1]);
  expect(iou.hair).toBe(1);
  await rm(join(folder, 'truth/photo.png'));
  const unlabelled = await atrous('evaluate', '--images', images, '--labels', 'truth');
  expect(unlabelled).toMatchObject({ code: 1, stderr: expect.stringContaining('1 pictures have no labels') });
});

test('verify runs a picture through every available runtime', async () => {
  // the reference takes seconds for a network that is of use
  await mkdir(join(folder, 'tiny'));
  for (const file of await tinyFiles()) await writeFile(join(folder, 'tiny', file.name), file.stream());
  const waves = await picture('waves.png', 60, 40);
  const { stdout, code } = await atrous('verify', './tiny', waves, '--json');
  expect(code).toBe(0);
  const { baseline, reports } = JSON.parse(stdout);
  expect(baseline).toBe('reference');
  for (const { runtime, reason, largestDifference, differingPixels } of reports) {
    // Dawn may not be where the command lies
    if (runtime === 'webgpu') expect(reason).toMatch(/adapter|GPU|npm install webgpu/);
    else if (/webgl|webgpu/.test(runtime)) expect(reason).toContain('backend is not registered');
    else {
      expect(largestDifference, runtime).toBeLessThan(1e-4);
      expect(differingPixels, runtime).toBeLessThan(0.002);
    }
  }
  const some = await atrous('verify', './tiny', '--runtimes', 'wasm,tfjs:wasm', '--baseline', 'wasm');
  expect(some.stdout).toMatch(/against wasm\n[\s\S]*wasm .* 0\.0 %[\s\S]*tfjs:wasm .* 0\.0 %/);
  expect(await atrous('verify', './tiny', '--runtimes', 'abacus')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('unknown runtime "abacus": expected one of onnx:native'),
  });
});

describe('finetune', () => {
  /** Light on the left, dark on the right of a line, and labels 5 and 7 to say so. */
  async function example(name: string, line: number, others: readonly number[] = []) {
    const [width, height] = [64, 48];
    const isLeft = (i: number) => i % width < line;
    const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      return (isLeft(Math.floor(i / 3)) ? 190 : 40) + ((i * 37) % 50);
    });
    const ids = Uint8Array.from({ length: width * height }, (_, i) => others[i] ?? (isLeft(i) ? 5 : 7));
    await mkdir(join(folder, 'learn/labels'), { recursive: true });
    await writeFile(join(folder, `learn/${name}.png`), encode({ width, height, data: rgb, channels: 3 }));
    await writeFile(
      join(folder, `learn/labels/${name}.png`),
      encode({ width, height, data: ids, channels: 1 }),
    );
  }
  const args = ['--images', 'learn', '--labels', 'learn/labels', '-o', 'learned', '--json'];
  const learn = (...more: string[]) => atrous('finetune', '--model', 'people-small', ...args, ...more);

  test('writes a model that gives the same label maps on every runtime', async () => {
    for (const [i, line] of [12, 24, 40, 52, 32].entries()) await example(`${i}`, line);
    const { code, stdout, stderr } = await learn(
      ...['--classes', 'light=5,dark=7', '--held-out', '1', '--epochs', '12', '--batch-size', '2'],
    );
    expect([code, stderr]).toEqual([0, '']);
    const { miou, steps, pictures, heldOut } = JSON.parse(stdout);
    expect([steps, pictures, heldOut]).toEqual([24, 4, 1]);
    expect(miou).toBeGreaterThan(0.8);
    const masks: string[] = [];
    for (const runtime of ['onnx:native', 'wasm', 'tfjs:wasm']) {
      const segmented = await atrous(
        ...['segment', 'learn/4.png', '--model', './learned', '-o', runtime, '--runtime', runtime, '--json'],
      );
      const [file] = JSON.parse(segmented.stdout).files;
      expect(file.classes.map(({ name }: { name: string }) => name).sort()).toEqual(['dark', 'light']);
      masks.push((await readFile(join(folder, file.mask))).toString('hex'));
    }
    expect(new Set(masks).size).toBe(1);
  });

  test.each<[string, string[], string]>([
    [
      'an id of no class',
      ['--classes', 'light=5,dark=6'],
      'learn/labels/0.png: id 7 at row 0, column 12 is not mapped to a class',
    ],
    ['one class', ['--classes', 'light=5'], 'Expected at least two classes'],
    ['an id twice', ['--classes', 'light=5,dark=5'], 'Duplicate class name or id'],
    [
      'more held out than there is',
      ['--classes', 'light=5,dark=7', '--held-out', '5'],
      '--held-out 5: only 5 pictures',
    ],
    [
      'an unknown block',
      ['--classes', 'light=5,dark=7', '--unfreeze-from', 'block1'],
      'unknown block "block1"',
    ],
    [
      'an id that is ignored, too',
      ['--classes', 'light=5,dark=7', '--ignore', '7'],
      'id 7 is mapped to class "dark" and given as --ignore',
    ],
    [
      'the model that it starts from as output',
      ['--classes', 'light=5,dark=7', '--model', './learned'],
      'would overwrite the input',
    ],
    ['a file as output', ['--classes', 'light=5,dark=7', '-o', 'learn/0.png'], 'learn/0.png'],
    ['half a pair', ['--classes', 'a=5,b=7', '--held-out-images', 'learn'], 'go together'],
  ])('%s is an error', async (_name, more, message) => {
    const { code, stderr } = await learn(...more);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  test('labels of another size name both files', async () => {
    await example('odd', 30);
    const small = { width: 32, height: 48, data: new Uint8Array(32 * 48).fill(5), channels: 1 as const };
    await writeFile(join(folder, 'learn/labels/odd.png'), encode(small));
    const { code, stderr } = await learn('--classes', 'light=5,dark=7');
    expect(code).toBe(1);
    expect(stderr).toContain('learn/labels/odd.png: its labels are 48×32, learn/odd.png is 48×64');
  });
});

describe('export', () => {
  test('a model folder that was exported computes as before', async () => {
    expect(await atrous('export', 'people-small', '-o', 'copy')).toMatchObject({ code: 0 });
    await writeFile(
      join(folder, 'in.safetensors'),
      await toSafetensors({ image: goldenImage([1, 48, 64, 3]) }),
    );
    for (const model of ['people-small', 'copy']) {
      const args = ['--feeds', 'in.safetensors', '-o', `${model}.out.safetensors`];
      expect(await atrous('run', model, ...args)).toMatchObject({ code: 0 });
    }
    const [a, b] = await Promise.all(
      ['people-small', 'copy'].map(async (name) =>
        readAll(await openSafetensors(await fileBytes(join(folder, `${name}.out.safetensors`)))),
      ),
    );
    expect(relativeError(b.logits, a.logits)).toBeLessThan(1e-6);
  });
  test('a GraphModel of TensorFlow.js', async () => {
    expect(await atrous('export', 'people-small', '-o', 'tfjs/model.json')).toMatchObject({ code: 0 });
    const { format, weightsManifest, signature } = JSON.parse(
      await readFile(join(folder, 'tfjs/model.json'), 'utf8'),
    );
    expect([format, Object.keys(signature.outputs)]).toEqual(['graph-model', ['logits']]);
    const floats = (weightsManifest[0].weights as { shape: number[] }[]).reduce(
      (sum, { shape }) => sum + shape.reduce((size, extent) => size * extent, 1),
      0,
    );
    expect((await readFile(join(folder, 'tfjs/weights.bin'))).length).toBe(floats * 4);
  });
  test('ONNX with labels; what makes no sense is an error', async () => {
    expect(await atrous('export', 'people-small', '-o', 'people.onnx', '--output', 'labels')).toMatchObject({
      code: 0,
    });
    expect((await readFile(join(folder, 'people.onnx'))).length).toBeGreaterThan(8_000_000);
    const half = await atrous('export', 'people-small', '-o', 'people.onnx', '--half');
    expect(half).toMatchObject({ code: 1, stderr: expect.stringContaining('--half goes with safetensors') });
  });
});

test('help shows examples', async () => {
  for (const command of ['segment', 'summary', 'evaluate', 'export', 'run', 'verify', 'finetune']) {
    expect((await atrous(command, '--help')).stdout).toMatch(/Examples?:\n {2}atrous /);
  }
});
