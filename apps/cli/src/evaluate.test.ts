import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedFolder } from '@atrous/golden';
import { cityscapes, decodeLabelPng, encodeLabelPng, type LabelMap, pascalVoc } from '@atrous/mask';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-evaluate-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function atrous(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const command = ['--conditions=@atrous/source', main, ...args];
    execFile(process.execPath, command, { cwd: folder, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
    });
  });
}

/** A folder with one grey picture of 40×30 and its labels. */
async function pair(name: string, labels: Uint8Array): Promise<string[]> {
  const [images, truths] = [join(folder, name, 'images'), join(folder, name, 'labels')];
  await mkdir(images, { recursive: true });
  await mkdir(truths, { recursive: true });
  const data = new Uint8Array(40 * 30 * 3).fill(120);
  await writeFile(join(images, 'one.png'), encode({ width: 40, height: 30, data, channels: 3 }));
  await writeFile(join(truths, 'one.png'), labels);
  return ['--images', images, '--labels', truths];
}

const ids = (idAt: (pixel: number) => number): LabelMap => ({
  width: 40,
  height: 30,
  data: Uint8Array.from({ length: 1200 }, (_, i) => idAt(i)),
});
const evaluate = async (name: string, labels: Uint8Array, ...more: string[]) =>
  atrous('evaluate', ...(await pair(name, labels)), '--model', 'street', ...more);

describe('evaluate', () => {
  test('says what was ignored and which classes never occur, and warns', async () => {
    const labels = encodeLabelPng(
      ids((i) => (i < 300 ? 255 : i < 310 ? 99 : 0)),
      pascalVoc,
    );
    const { code, stdout, stderr } = await evaluate('some', labels, '--json');
    expect(code).toBe(0);
    const { ignored, ignoredIds, absent, iou, accuracy } = JSON.parse(stdout);
    expect([ignored, ignoredIds]).toEqual([310 / 1200, [255, 99]]);
    expect(absent).toEqual(Object.keys(iou).slice(1));
    expect(accuracy).toBeGreaterThanOrEqual(0);
    expect(stderr).toContain('warning: 25.8 % of the pixels are ignored (their label is 255, 99)');
    expect(stderr).toContain(`warning: not measured, since no label has them: ${absent.join(', ')}`);
  });

  test('is silent about little that is ignored', async () => {
    const labels = encodeLabelPng(
      ids((i) => (i < 240 ? 255 : 0)),
      pascalVoc,
    );
    const { stdout, stderr } = await evaluate('little', labels);
    expect(stdout).toMatch(/pixels ignored +20\.0 %\nnot in labels +\w/);
    expect(stderr).not.toContain('are ignored');
  });

  test('scores nothing as null, not as 0', async () => {
    const labels = encodeLabelPng(
      ids(() => 255),
      pascalVoc,
    );
    const { stdout } = await evaluate('nothing', labels, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ miou: null, accuracy: null, ignored: 1, ignoredIds: [255] });
    expect((await evaluate('nothing', labels)).stdout).toContain('mean IoU        nothing to score');
  });

  test('reads RGB labels in the model’s colours, and says whose others are', async () => {
    const config = JSON.parse(
      await readFile(fileURLToPath(import.meta.resolve('@atrous/model-street/config.json')), 'utf8'),
    );
    const [first] = config.labels as { name: string; color: string }[];
    const color = [1, 3, 5].map((at) => Number.parseInt(first.color.slice(at, at + 2), 16));
    const data = Uint8Array.from({ length: 3600 }, (_, i) => color[i % 3]);
    const own = encode({ width: 40, height: 30, channels: 3, data });
    const { stdout } = await evaluate('own', own, '--json');
    const { labelColors, absent } = JSON.parse(stdout);
    expect(labelColors).toEqual(['the model']);
    expect(absent).not.toContain(first.name);
    const rider = encode({
      width: 40,
      height: 30,
      channels: 3,
      data: data.map((_, i) => cityscapes[i < 30 ? 1 : 10][i % 3]),
    });
    const other = await evaluate('other', rider, '--json');
    expect(JSON.parse(other.stdout).labelColors).toEqual(['Cityscapes']);
    expect(other.stderr).toContain('labels were read in the colours of Cityscapes');
  });

  test('refuses damaged labels and large ones, each by name', async () => {
    const labels = encodeLabelPng(
      ids(() => 0),
      pascalVoc,
    );
    const damaged = labels.map((byte, i) => (i === labels.length - 20 ? byte ^ 1 : byte));
    const { code, stdout, stderr } = await evaluate('damaged', damaged, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ pictures: 0, miou: null, ignored: null });
    expect(stderr).toMatch(/one\.png failed: .*one\.png: damaged PNG: the checksum \(CRC-32\) of chunk/);
    const large = await evaluate('large', labels, '--max-pixels', '1199');
    expect(large.stderr).toContain('30×40 is 1200 pixels: expected at most 1199');
  });
});

test('finetune refuses a class without a labelled pixel, by its name', async () => {
  const labels = encodeLabelPng(
    ids((i) => (i < 600 ? 0 : 255)),
    pascalVoc,
  );
  const args = [...(await pair('class', labels)), '--classes', 'bg,fg', '-o', 'learned'];
  const { code, stderr } = await atrous('finetune', ...args);
  expect(code).toBe(1);
  expect(stderr).toContain('training: no picture has a labelled pixel of class "fg"');
});

describe.skipIf(!sharedFolder)(
  `inputs that failed${sharedFolder ? '' : ' (skipped: ../shared is not there)'}`,
  () => {
    const file = (name: string) => `${sharedFolder}cases/${name}`;
    const decode = async (name: string) => decodeLabelPng(await readFile(file(name)), name);
    const evaluateArgs = () => ['--images', file('evaluate/images'), '--labels', file('evaluate/labels')];

    test('one bit of labels/sound.png changed is refused, naming the checksum', async () => {
      expect((await decode('labels/sound.png')).data.filter((id) => id === 11)).toHaveLength(192);
      await expect(decode('labels/one-bit-flipped.png')).rejects.toThrow(
        expect.objectContaining({ code: 'format', message: expect.stringContaining('checksum (CRC-32)') }),
      );
    });

    test.each(['grey1_16000', 'l8_20000', 'declared'])(
      'bombs/%s.png is refused by its pixels',
      async (name) => {
        const began = performance.now();
        await expect(decode(`bombs/${name}.png`)).rejects.toThrow('expected at most 100000000');
        expect(performance.now() - began).toBeLessThan(500);
      },
    );

    test('bombs/itxt.png is its pixel', async () => {
      const began = performance.now();
      expect(await decode('bombs/itxt.png')).toMatchObject({ width: 1, height: 1 });
      expect(performance.now() - began).toBeLessThan(500);
    });

    test('masks of 0 and 255 are not scored in silence', async () => {
      const { stdout, stderr } = await atrous('evaluate', ...evaluateArgs(), '--json');
      const { ignored, absent } = JSON.parse(stdout);
      expect(ignored).toBeCloseTo(9514 / 16384, 12);
      expect(absent).toContain('hair');
      expect(stderr).toContain('58.1 % of the pixels are ignored (their label is 255)');
      const learned = await atrous('finetune', ...evaluateArgs(), '--classes', 'bg,fg', '-o', 'learned');
      expect(learned).toMatchObject({ code: 1, stderr: expect.stringContaining('class "fg"') });
    });
  },
);
