import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { decodeLabelPng } from '@atrous/mask';
import { decode, encode } from 'fast-png';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Outcome, outcomeOf, runCommand, start } from './test_command.ts';
import { killRuns } from './test_kills.ts';

const astronaut = fileURLToPath(new URL('../examples/astronaut.png', import.meta.url));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-segment-'));
});
afterEach(() => rm(folder, { recursive: true }));

const segment = (...args: string[]): Promise<Outcome> => runCommand(folder, 'segment', ...args);
const at = (name: string) => join(folder, name);
const filesIn = async (name: string) =>
  (await readdir(at(name), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(at(name).length + 1))
    .sort();

async function picture(name: string, width = 40, height = 30): Promise<void> {
  await mkdir(join(at(name), '..'), { recursive: true });
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256);
  await writeFile(at(name), encode({ width, height, data, channels: 3 }));
}

describe('no output is an input or another output', () => {
  test('a picture that is named as the mask of another: both stay as they were', async () => {
    await picture('photo.png');
    await picture('photo.mask.png', 7, 7);
    const before = await readFile(at('photo.mask.png'));
    const { code, stderr } = await segment('photo.png', './photo.mask.png');
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('photo.mask.png would overwrite the input ./photo.mask.png: write elsewhere'),
    ]);
    expect(await readFile(at('photo.mask.png'))).toEqual(before);
    expect(await filesIn('.')).toEqual(['photo.mask.png', 'photo.png']);
  });

  test('a model file that is named as a result of the run', async () => {
    await picture('photo.png');
    await mkdir(at('model'));
    await writeFile(at('model/atrous.coco.json'), '{}');
    const { stderr } = await segment(...['photo.png', '--model', './model', '-o', 'model', '--save', 'coco']);
    expect(stderr).toContain('model/atrous.coco.json would overwrite the input');
  });

  test('feeds and outputs of `run`, the model and the output of `export`', async () => {
    await writeFile(at('a.safetensors'), 'feeds');
    const run = await runCommand(
      ...[folder, 'run', 'people', '--feeds', 'a.safetensors', '-o', './a.safetensors'],
    );
    expect([run.code, run.stderr]).toEqual([1, expect.stringContaining('would overwrite the input')]);
    const xception = ['a.safetensors', '--network', 'xception41'];
    const exported = await runCommand(folder, 'export', ...xception, '-o', 'a.safetensors');
    expect(exported.stderr).toContain('a.safetensors would overwrite the input a.safetensors');
    await mkdir(at('model'));
    await writeFile(at('model/config.json'), '{}');
    expect((await runCommand(folder, 'export', './model', '-o', 'model')).stderr).toContain(
      'would overwrite the input',
    );
    expect(await readFile(at('a.safetensors'), 'utf8')).toBe('feeds');
  });

  test('-o that is a file', async () => {
    await picture('photo.png');
    await writeFile(at('out'), 'mine');
    expect(await segment('photo.png', '-o', 'out')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('atrous: out: a file; expected a folder'),
    });
    expect(await readFile(at('out'), 'utf8')).toBe('mine');
  });
});

test('a folder is segmented with what is below it; its folders are kept, and what failed is listed', async () => {
  await picture('in/a/1.png');
  await picture('in/b/1.png');
  await picture('in/b/1.overlay.png');
  await writeFile(at('in/b/notes.jpg'), 'these are notes');
  const { code, stdout, stderr } = await segment('in', '-o', 'out', '--json');
  expect(code).toBe(1);
  const { files, failed, skipped } = JSON.parse(stdout);
  expect(files.map(({ mask }: { mask: string }) => mask)).toEqual(['out/a/1.mask.png', 'out/b/1.mask.png']);
  expect(failed).toMatchObject([{ input: 'in/b/notes.jpg' }]);
  expect(skipped).toEqual(['in/b/1.overlay.png']);
  expect(stderr).toContain('results of earlier runs skipped: in/b/1.overlay.png');
  expect(await filesIn('out')).toEqual([
    'a/1.mask.png',
    'a/1.overlay.png',
    'b/1.mask.png',
    'b/1.overlay.png',
  ]);
});

test('--mask-format grey: ids as grey values', async () => {
  await segment(astronaut, '-o', 'palette');
  await segment(astronaut, '-o', 'grey', '--mask-format', 'grey');
  const [palette, grey] = await Promise.all(
    ['palette', 'grey'].map((name) => readFile(at(`${name}/astronaut.mask.png`))),
  );
  expect([decode(palette).palette !== undefined, decode(grey).palette]).toEqual([true, undefined]);
  expect(decodeLabelPng(grey, 'grey').data).toEqual(decodeLabelPng(palette, 'palette').data);
});

test('--save: data of each picture, and of the run', async () => {
  await picture('in/a/1.png');
  await mkdir(at('in/b'));
  await cp(astronaut, at('in/b/astronaut.png'));
  const formats = 'coco,geojson,svg,csv,labelme,cvat';
  const { code, stdout, stderr } = await segment('in', '-o', 'out', '--save', formats, '--json');
  expect([code, stderr]).toEqual([0, '']);
  const { files, saved } = JSON.parse(stdout);
  expect(saved).toEqual({
    coco: 'out/atrous.coco.json',
    csv: 'out/atrous.csv',
    cvat: 'out/atrous.cvat.xml',
  });
  expect(files[1].saved).toEqual({
    geojson: 'out/b/astronaut.mask.geojson',
    svg: 'out/b/astronaut.mask.svg',
    labelme: 'out/b/astronaut.labelme.json',
  });
  const json = async (path: string) => JSON.parse(await readFile(at(path), 'utf8'));
  const { images, annotations } = await json(saved.coco);
  expect(images.map(({ file_name }: { file_name: string }) => file_name)).toEqual([
    'a/1.png',
    'b/astronaut.png',
  ]);
  expect(annotations.length).toBeGreaterThan(3);
  expect((await json(files[1].saved.labelme)).imagePath).toBe('../../in/b/astronaut.png');
  expect((await json(files[1].saved.geojson)).type).toBe('FeatureCollection');
  expect(await readFile(at(files[1].saved.svg), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  expect(await readFile(at(saved.csv), 'utf8')).toMatch(
    /^image,.*\r\na\/1\.png,[\s\S]*\r\nb\/astronaut\.png,/,
  );
  expect(await readFile(at(saved.cvat), 'utf8')).toContain('name="b/astronaut.png"');
});

test.each([
  [['--save', 'coco,gif'], /Expected some of coco, geojson, svg, csv, labelme, cvat/],
  [['--mask-format', 'rgb'], /Allowed choices are palette, grey/],
  [['--smooth', '6'], /Expected a whole number from 0 to 5/],
])('%s is an error', async (args, message) => {
  expect((await segment(astronaut, ...args)).stderr).toMatch(message);
});

test('control characters of a name do not reach the terminal; JSON holds the name', async () => {
  const name = '\x1b]0;owned\x07\x9b31m.png';
  await picture(name);
  const { stdout, stderr } = await segment(name, '\x1b[2J.png', '-o', 'out');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const control = /[\0-\x08\x0b-\x1f\x7f-\x9f]/;
  expect(stdout + stderr).not.toMatch(control);
  expect(stderr).toContain('\\u001b[2J.png: no such file');
  const json = await segment(name, '-o', 'out', '--json');
  expect(json.stdout).not.toMatch(control);
  expect(JSON.parse(json.stdout).files[0].input).toBe(name);
  const unknown = await runCommand(folder, 'segment', '--\x1b[31mflag');
  expect(unknown.stderr).toMatch(/unknown option/);
  expect(unknown.stderr).not.toMatch(control);
});

test('a reader that closes its end is no failure', async () => {
  const child = start(folder, ['summary', 'xception65', '--json']);
  child.stdout?.destroy();
  const { code, stderr } = await outcomeOf(child);
  expect([code, stderr]).toEqual([0, '']);
});

test.skipIf(process.platform === 'win32')('a result that cannot be printed is one', async () => {
  const command = `"${process.execPath}" --conditions=@atrous/source "${fileURLToPath(new URL('./main.ts', import.meta.url))}" runtimes > /dev/full`;
  const outcome = await new Promise((resolve) => {
    execFile('sh', ['-c', command], (error, _stdout, stderr) => resolve([error?.code, stderr]));
  });
  expect(outcome).toEqual([1, expect.stringContaining('the result cannot be printed')]);
});

test.skipIf(process.platform === 'win32')('an interrupted run leaves whole files and no others', async () => {
  for (let i = 0; i < 40; i++) await picture(`in/${i}.png`, 300, 200);
  const child = start(folder, ['segment', 'in', '-o', 'out']);
  const ended = outcomeOf(child);
  while ((await filesIn('out').catch(() => [])).length < 2) await wait(5);
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  expect([code, stderr]).toEqual([130, expect.stringContaining('atrous: interrupted')]);
  for (const file of await filesIn('out')) {
    expect(file).toMatch(/^\d+\.(mask|overlay)\.png$/);
    expect(decode(await readFile(at(`out/${file}`)), { checkCrc: true })).toMatchObject({ width: 300 });
  }
});

test('a killed run leaves no broken file under a final name', { timeout: 120_000 }, async () => {
  const { broken, whole } = await killRuns(3, 2);
  expect(broken).toEqual([]);
  expect(whole).toBeGreaterThan(0);
});
