import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from 'fast-png';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openArchive } from './archive_pictures.ts';
import { manifestName } from './resume.ts';
import { archiveOf } from './test_archives.ts';
import { outcomeOf, runCommand, start } from './test_command.ts';
import { killAndResume } from './test_kills.ts';

const quarter = fileURLToPath(new URL('../../../packages/golden/models/quarter', import.meta.url));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-many-'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const filesIn = async (name: string) =>
  (await readdir(at(name), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(at(name).length + 1))
    .sort();

function png(seed: number, width = 40, height = 30): Uint8Array {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => ((i + seed) * 37) % 256);
  return encode({ width, height, data, channels: 3 });
}

async function pictures(...names: string[]): Promise<void> {
  for (const [i, name] of names.entries()) {
    await mkdir(dirname(at(name)), { recursive: true });
    await writeFile(at(name), png(i));
  }
}

/** What the command says, and its report. */
async function segment(...args: string[]) {
  const { code, stdout, stderr } = await runCommand(folder, 'segment', ...args, '--model', quarter, '--json');
  return { code, stderr, report: JSON.parse(stdout) };
}
const redone = (report: { files: { input: string; milliseconds?: number }[] }) =>
  report.files.filter(({ milliseconds }) => milliseconds !== undefined).map(({ input }) => input);

describe('archives', () => {
  test('pictures are read from inside, with the masks of files; hidden ones are passed over', async () => {
    await pictures('in/a/1.png', 'in/b/2.png', 'in/.c/3.png');
    const inside = {
      'a/1.png': png(0),
      'b/2.png': png(1),
      '.c/3.png': png(2),
      '__MACOSX/a/1.png': png(3),
      'notes.txt': png(4),
    };
    await writeFile(at('in.zip'), archiveOf.zip(inside));
    await writeFile(at('in.tar'), archiveOf.tar(inside));
    await writeFile(at('in.tgz'), archiveOf.tgz(inside));
    await segment('in', '-o', 'files');
    const files = await filesIn('files');
    expect(files).toContain('b/2.mask.png');
    for (const archive of ['in.zip', 'in.tar', 'in.tgz']) {
      const { code, report } = await segment(archive, '-o', `${archive}.out`);
      expect([code, report.files[0].input]).toEqual([0, `${archive}/a/1.png`]);
      expect(await filesIn(`${archive}.out`)).toEqual(files);
      for (const file of files)
        expect(await readFile(at(`${archive}.out/${file}`))).toEqual(await readFile(at(`files/${file}`)));
    }
  });

  test('results go into one, in the order of the pictures; equal results are equal archives', async () => {
    await pictures('in/a/1.png', 'in/b/2.png');
    for (const ending of ['zip', 'tar']) {
      const { code, report } = await segment('in', '-o', `out.${ending}`, '--save', 'csv');
      expect(code).toBe(0);
      expect(report).toMatchObject({
        archive: `out.${ending}`,
        files: [{ mask: `out.${ending}/a/1.mask.png` }, { mask: `out.${ending}/b/2.mask.png` }],
        saved: { csv: `out.${ending}/atrous.csv` },
      });
      const { files } = await openArchive(at(`out.${ending}`));
      expect(files.map(({ name }) => name)).toEqual([
        'a/1.mask.png',
        'a/1.overlay.png',
        'atrous.csv',
        'b/2.mask.png',
        'b/2.overlay.png',
      ]);
      const first = await readFile(at(`out.${ending}`));
      await segment('in', '-o', `out.${ending}`, '--save', 'csv', '--jobs', '1');
      expect((await readFile(at(`out.${ending}`))).equals(first)).toBe(true);
      expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([]);
    }
    await segment('in', '-o', 'files');
    const [mask] = (await openArchive(at('out.zip'))).files;
    expect(Buffer.from(await mask.bytes())).toEqual(await readFile(at('files/a/1.mask.png')));
  });

  test('what leads out of one, is damaged, or unpacks to too much is said; the others are done', async () => {
    await writeFile(
      at('out.zip'),
      archiveOf.zip({ '../evil.png': png(0), '/abs.png': png(1), 'good.png': png(2) }),
    );
    const led = await segment('out.zip', '-o', 'out');
    expect(led.code).toBe(1);
    expect(led.report.failed).toEqual([
      { input: 'out.zip/../evil.png', error: expect.stringContaining('leads out of the archive') },
      { input: 'out.zip//abs.png', error: expect.stringContaining('leads out of the archive') },
    ]);
    expect(await filesIn('out')).toEqual(['good.mask.png', 'good.overlay.png']);

    const bytes = archiveOf.zip({ 'a.png': png(0), 'b.png': png(1) });
    bytes[70] ^= 1; // within the first
    await writeFile(at('bits.zip'), bytes);
    const damaged = await segment('bits.zip', '-o', 'bits');
    expect(damaged.report.failed).toEqual([
      { input: 'bits.zip/a.png', error: expect.stringContaining('bits.zip/a.png: damaged in the archive') },
    ]);
    expect(damaged.report.files).toHaveLength(1);

    await writeFile(at('bomb.zip'), archiveOf.bomb('a.png', 300_000_000));
    expect((await segment('bomb.zip', '-o', 'bomb')).report.failed).toEqual([
      {
        input: 'bomb.zip/a.png',
        error: expect.stringContaining('unpacks to 300000000 bytes: expected at most'),
      },
    ]);

    for (const ending of ['zip', 'tar', 'tgz'] as const) {
      const whole = archiveOf[ending]({ 'a.png': png(0), 'b.png': png(1) });
      await writeFile(at(`cut.${ending}`), whole.subarray(0, whole.length / 2));
      const { code, report } = await segment(`cut.${ending}`, '-o', 'cut');
      expect([code, report.error.code]).toEqual([1, 'format']);
      expect(report.error.message).toMatch(new RegExp(`^cut.${ending}: `));
    }
    await writeFile(at('empty.zip'), archiveOf.zip({ 'notes.txt': png(0) }));
    expect((await segment('empty.zip')).report.error.message).toBe('empty.zip: no pictures found');
  });

  test('an archive that is read is not written over', async () => {
    await writeFile(at('a.zip'), archiveOf.zip({ 'a.png': png(0) }));
    const { code, report } = await segment('a.zip', '-o', './a.zip');
    expect([code, report.error.message]).toEqual([
      1,
      expect.stringContaining('would overwrite the input a.zip'),
    ]);
  });
});

test('lists name files, folders, patterns and archives, a line each', async () => {
  await pictures('a.png', 'in/1.png', 'in/2.png', 'p/x1.png', 'p/y.png');
  await writeFile(at('z.zip'), archiveOf.zip({ 'deep/z.png': png(9) }));
  await writeFile(at('list.txt'), 'a.png\r\n\nin\np/x*.png\nz.zip\n');
  const { report } = await segment('@list.txt', '-o', 'out');
  expect(report.files.map(({ input }: { input: string }) => input)).toEqual([
    'a.png',
    'in/1.png',
    'in/2.png',
    'p/x1.png',
    'z.zip/deep/z.png',
  ]);
  const child = start(folder, ['segment', '@-', '-o', 'piped', '--model', quarter, '--json']);
  child.stdin?.end('in/2.png\n');
  expect(JSON.parse((await outcomeOf(child)).stdout).files).toHaveLength(1);
  expect((await segment('@missing.txt')).report.error).toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('@missing.txt: the list missing.txt cannot be read'),
  });
  await pictures('@b.png'); // a file may have such a name
  expect((await segment('@b.png', '-o', 'out')).code).toBe(0);
});

describe('--resume', () => {
  const done = ['in/1.png', 'in/2.png', 'in/3.png'];
  const args = ['in', '-o', 'out', '--resume', '--save', 'coco,labelme'];

  test('does what is new or has changed, and nothing else', async () => {
    await pictures(...done);
    expect(redone((await segment(...args)).report)).toEqual(done);
    const coco = await readFile(at('out/atrous.coco.json'), 'utf8');
    const before = (await stat(at('out/1.mask.png'))).mtimeMs;
    const again = await segment(...args, '--jobs', '1', '--threads', '1');
    expect([again.code, redone(again.report)]).toEqual([0, []]);
    expect(again.report.files[0]).toMatchObject({ input: 'in/1.png', width: 40, mask: 'out/1.mask.png' });
    expect((await stat(at('out/1.mask.png'))).mtimeMs).toBe(before);
    expect(await readFile(at('out/atrous.coco.json'), 'utf8')).toBe(coco);

    await writeFile(at('in/2.png'), png(77)); // another picture
    await rm(at('out/3.overlay.png')); // a result that is gone
    await pictures('in/4.png'); // a new one
    expect(redone((await segment(...args)).report)).toEqual(['in/2.png', 'in/3.png', 'in/4.png']);
    await writeFile(at('out/1.mask.png'), 'cut off');
    expect(redone((await segment(...args)).report)).toEqual(['in/1.png']);
    expect(redone((await segment(...args)).report)).toEqual([]);
  });

  test('does all where settings changed, and after a run that kept no manifest', async () => {
    await pictures(...done);
    await segment(...args);
    expect(redone((await segment(...args, '--flip')).report)).toEqual(done);
    expect(redone((await segment(...args)).report)).toEqual(done);
    await segment('in', '-o', 'out', '--opacity', '0.9');
    expect(redone((await segment(...args)).report)).toEqual(done);
  });

  test('a line that was cut off counts for nothing, nor does one that takes another back', async () => {
    await pictures(...done);
    await segment(...args);
    const path = at(`out/${manifestName}`);
    const lines = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, `${lines.slice(0, 3).join('\n')}\n${lines[3].slice(0, 40)}`);
    expect(redone((await segment(...args)).report)).toEqual(['in/3.png']);
    await writeFile(path, `${await readFile(path, 'utf8')}{"name":"2"}\n`);
    expect(redone((await segment(...args)).report)).toEqual(['in/2.png']);
    await writeFile(path, 'not ours');
    expect(redone((await segment(...args)).report)).toEqual(done);
  });

  test('an archive goes on, too: from what was gathered for it, and from itself', async () => {
    await pictures(...done);
    const into = ['in', '-o', 'out.zip', '--resume'];
    await segment(...into);
    const first = await readFile(at('out.zip'));
    expect(redone((await segment(...into)).report)).toEqual([]);
    expect((await readFile(at('out.zip'))).equals(first)).toBe(true);
    // as a run that was killed leaves it
    await segment('in/1.png', 'in/2.png', '-o', 'gathered', '--resume');
    await rename(at('gathered'), at('out.zip.partial'));
    expect(redone((await segment(...into)).report)).toEqual(['in/3.png']);
    expect((await readFile(at('out.zip'))).equals(first)).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(['in', 'out.zip']);
    await mkdir(at('out.zip.partial'));
    await writeFile(at('out.zip.partial/mine.txt'), 'mine');
    expect((await segment('in', '-o', 'out.zip')).report.error.message).toContain(
      'out.zip.partial: in the way',
    );
    expect(await readFile(at('out.zip.partial/mine.txt'), 'utf8')).toBe('mine');
  });

  test('killed at any moment, it ends as if nobody had disturbed it', async () => {
    expect(await killAndResume(40, 4, quarter)).toMatchObject({ different: [] });
  });
});

test('pictures under way at once give what one after the other gives, in their order', async () => {
  await pictures(...Array.from({ length: 9 }, (_, i) => `in/${i}.png`));
  await cp(at('in/0.png'), at('in/0a.png'));
  await writeFile(at('in/5.png'), 'these are notes');
  const one = await segment('in', '-o', 'one', '--jobs', '1', '--save', 'coco');
  const many = await segment('in', '-o', 'many', '--jobs', '5', '--save', 'coco');
  expect([one.code, many.code, many.report.failed]).toEqual([
    1,
    1,
    [expect.objectContaining({ input: 'in/5.png' })],
  ]);
  const inputs = ({ report }: typeof one) => report.files.map(({ input }: { input: string }) => input);
  expect(inputs(many)).toEqual(inputs(one));
  for (const file of await filesIn('one'))
    expect((await readFile(at(`many/${file}`))).equals(await readFile(at(`one/${file}`)))).toBe(true);
});
