import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedFolder } from '@atrous/golden';
import { ade20k, decodeLabelPng, encodeLabelPng, parseColor, pascalVoc } from '@atrous/mask';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from './test_command.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-evaluate-'));
});
afterAll(() => rm(folder, { recursive: true }));

const atrous = (...args: string[]) => runCommand(folder, ...args);

const [width, height] = [40, 30];

/** A folder with a grey picture for each file of labels. */
async function pictures(name: string, labels: Readonly<Record<string, Uint8Array>>): Promise<string[]> {
  const [images, truths] = [join(folder, name, 'images'), join(folder, name, 'labels')];
  await mkdir(images, { recursive: true });
  await mkdir(truths, { recursive: true });
  const picture = encode({ width, height, data: new Uint8Array(width * height * 3).fill(120), channels: 3 });
  for (const [file, bytes] of Object.entries(labels)) {
    await writeFile(join(images, file), picture);
    await writeFile(join(truths, file), bytes);
  }
  return ['--images', images, '--labels', truths];
}

const ids = (idAt: (pixel: number) => number): Uint8Array =>
  encodeLabelPng(
    { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => idAt(i)) },
    pascalVoc,
  );
const ofColor = (color: readonly number[]): Uint8Array =>
  encode({
    width,
    height,
    channels: 3,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) => color[i % 3]),
  });

describe('evaluate', () => {
  test('says what was ignored and which classes never occur, and warns', async () => {
    const labels = ids((i) => (i < 300 ? 255 : i < 310 ? 99 : 0));
    const args = await pictures('some', { 'one.png': labels });
    const { code, stdout, stderr } = await atrous('evaluate', ...args, '--model', 'street', '--json');
    expect(code).toBe(0);
    const { ignored, ignoredIds, absent, iou, accuracy } = JSON.parse(stdout);
    expect([ignored, ignoredIds]).toEqual([310 / 1200, [255, 99]]);
    expect(absent).toEqual(Object.keys(iou).slice(1));
    expect(accuracy).toBeGreaterThanOrEqual(0);
    expect(stderr).toContain('warning: 25.8 % of the pixels are ignored (their label is 255, 99)');
    expect(stderr).toContain(`warning: not measured, since no label has them: ${absent.join(', ')}`);
  });

  test('reads RGB labels in the model’s colours, and says whose others are', async () => {
    const config = await readFile(
      fileURLToPath(import.meta.resolve('@atrous/model-street/config.json')),
      'utf8',
    );
    const [{ name, color }] = JSON.parse(config).labels;
    const args = await pictures('colors', {
      'own.png': ofColor(parseColor(color)),
      'other.png': ofColor(ade20k[149]),
    });
    const { stdout, stderr } = await atrous('evaluate', ...args, '--model', 'street', '--json');
    const { labelColors, absent, ignoredIds } = JSON.parse(stdout);
    expect(labelColors).toEqual(['ADE20K', 'the model']);
    expect(absent).not.toContain(name);
    expect(ignoredIds).toEqual([149]);
    expect(stderr).toContain('labels were read in the colours of ADE20K:');
  });

  test('maps both sides, groups, and writes what was asked for', async () => {
    const voc = ids((i) => (i < 300 ? 15 : i < 310 ? 255 : i % 12));
    const args = await pictures('mapped', { 'one.png': voc, 'two.png': voc });
    await writeFile(join(folder, 'tags.csv'), 'picture,place\none.jpg,indoor\n');
    const { code, stdout, stderr } = await atrous(
      ...['evaluate', ...args, '--classes', 'background=background,person=*'],
      ...['--label-classes', 'background=*,person=15', '--group-by', 'size,colour', '--group', 'tags.csv'],
      ...['--save', 'csv,json', '-o', 'scores', '--json'],
    );
    expect(code).toBe(0);
    const data = JSON.parse(stdout);
    expect([data.ignored, data.ignoredIds, Object.keys(data.iou)]).toEqual([
      10 / 1200,
      [255],
      ['background', 'person'],
    ]);
    expect(data.details.classes.person).toMatchObject({ pixels: 600, pictures: 2 });
    expect(data.details.miou.value).toBe(data.miou);
    expect(
      data.groups.map(({ by, group, pictures }: { by: string; group: string; pictures: number }) => [
        by,
        group,
        pictures,
      ]),
    ).toEqual([
      ['place', 'indoor', 1],
      ['size', '10 to 30 %', 2],
      ['colour', 'grey', 2],
    ]);
    expect(stderr).toContain('1 pictures are not in tags.csv, and in none of its groups: two.png');
    expect(JSON.parse(await readFile(join(folder, 'scores/scores.json'), 'utf8'))).toEqual(data);
  });

  test('compares two models, scores borders, and reports the worst pictures as one file', async () => {
    const person = ids((i) => (i % width < 20 ? 1 : 0));
    const args = await pictures('report', { 'a<b.png': person, 'nobody.png': ids(() => 0) });
    const { code, stdout } = await atrous(
      ...['evaluate', ...args, '--model', 'people-small', '--against', 'runtime=wasm,compute=int8'],
      ...['--classes', 'background=background,person=*', '--boundary', '--worst', '1'],
      ...['--save', 'html', '-o', 'report/out', '--json'],
    );
    expect(code).toBe(0);
    const { against, differences, boundaryF, boundaryTolerance, details, lowest } = JSON.parse(stdout);
    expect(against).toMatchObject({ runtime: 'wasm', compute: 'int8', failed: [] });
    expect(differences.pictures).toBe(2);
    expect(differences.miou.first).toBe(details.miou.value);
    expect([boundaryF, boundaryTolerance]).toEqual([details.boundaryF.value, 0.0075]);
    const html = await readFile(join(folder, 'report/out/report.html'), 'utf8');
    expect(html.match(/<article>/g)).toHaveLength(1);
    expect(html.match(/src="data:image\/webp;base64,/g)).toHaveLength(4);
    expect(html).toContain(`<h3>${lowest[0].picture.replace('<', '&lt;')} <small>`);
    expect(html).toContain('<td class="text">a&lt;b.png</td>');
    expect(html).toContain('compared with');
    expect(html).not.toMatch(/<script|https?:/);
  });

  test('models whose classes differ are compared by classes that both have', async () => {
    const args = await pictures('against', { 'one.png': ids(() => 0) });
    const { code, stderr } = await atrous(
      'evaluate',
      ...args,
      '--model',
      'people-small',
      '--against',
      'street',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('give --classes that both have');
    const { stderr: wrong } = await atrous('evaluate', ...args, '--against', 'runtime=cuda');
    expect(wrong).toContain('Expected runtime= one of auto');
  });

  test('reads Cityscapes’ ids where names say that they are', async () => {
    const road = ids((i) => (i < 600 ? 7 : 1));
    const args = await pictures('cityscapes', { 'a_gtFine_labelIds.png': road });
    const scored = async (...more: string[]) =>
      JSON.parse((await atrous('evaluate', ...args, '--model', 'street', ...more, '--json')).stdout);
    expect(await scored()).toMatchObject({ ignored: 0.5, ignoredIds: [255] });
    expect(await scored('--label-format', 'ids')).toMatchObject({ ignored: 0 });
  });

  test('refuses damaged labels and large ones by name, and scores nothing as null', async () => {
    const sound = ids(() => 0);
    const damaged = sound.map((byte, i) => (i === sound.length - 20 ? byte ^ 1 : byte));
    const large = encodeLabelPng({ width: 1201, height: 1, data: new Uint8Array(1201) }, pascalVoc);
    const args = await pictures('damaged', { 'bad.png': damaged, 'large.png': large });
    const { code, stdout, stderr } = await atrous('evaluate', ...args, '--max-pixels', '1200', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ pictures: 0, miou: null, accuracy: null, ignored: null });
    expect(stderr).toMatch(/bad\.png failed: .*bad\.png: damaged PNG: the checksum \(CRC-32\) of chunk/);
    expect(stderr).toMatch(/large\.png: 1201×1 is 1201 pixels: expected at most 1200/);
  });
});

test('finetune refuses a class without a labelled pixel, by its name', async () => {
  const labels = ids((i) => (i < 600 ? 0 : 255));
  const args = [...(await pictures('class', { 'one.png': labels })), '--classes', 'bg,fg', '-o', 'learned'];
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
        expect(performance.now() - began).toBeLessThan(2000);
      },
    );

    test('bombs/itxt.png is its pixel', async () => {
      const began = performance.now();
      expect(await decode('bombs/itxt.png')).toMatchObject({ width: 1, height: 1 });
      expect(performance.now() - began).toBeLessThan(2000);
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
