import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode, encode } from 'fast-png';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outputPlace } from './archive_output.ts';
import { openArchive } from './archive_pictures.ts';
import { findPictures } from './pictures.ts';
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
    const kinds = ['zip', 'tar', 'tgz'] as const;
    for (const kind of kinds) await writeFile(at(`in.${kind}`), archiveOf[kind](inside));
    const { code, report } = await segment('in', 'in.zip', 'in.tar', 'in.tgz', '-o', 'out');
    expect([code, report.files[2].input]).toEqual([0, 'in.zip/a/1.png']);
    const files = await filesIn('out/in');
    expect(files).toEqual(['a/1.mask.png', 'a/1.overlay.png', 'b/2.mask.png', 'b/2.overlay.png']);
    for (const kind of kinds) {
      expect(await filesIn(`out/in.${kind}`)).toEqual(files);
      for (const file of files)
        expect(await readFile(at(`out/in.${kind}/${file}`))).toEqual(await readFile(at(`out/in/${file}`)));
    }
  });

  test.each(['zip', 'tar'])('results go into a %s; equal results are equal archives', async (ending) => {
    await pictures('in/a/1.png', 'in/b/2.png');
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
    expect(decode(await files[0].bytes())).toMatchObject({ width: 40, height: 30 });
    const first = await readFile(at(`out.${ending}`));
    await segment('in', '-o', `out.${ending}`, '--save', 'csv', '--jobs', '1');
    expect((await readFile(at(`out.${ending}`))).equals(first)).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(['in', `out.${ending}`]);
  });

  test('what leads out of one, is damaged, or unpacks to too much is said; the others are done', async () => {
    await writeFile(
      at('out.zip'),
      archiveOf.zip({ '../evil.png': png(0), '/abs.png': png(1), 'good.png': png(2) }),
    );
    const bits = archiveOf.zip({ 'a.png': png(0), 'b.png': png(1) });
    bits[70] ^= 1; // within the first
    await writeFile(at('bits.zip'), bits);
    await writeFile(at('bomb.zip'), archiveOf.bomb('a.png', 300_000_000));
    const { code, report } = await segment('out.zip', 'bits.zip', 'bomb.zip', '-o', 'out');
    expect(code).toBe(1);
    const says = (text: string) => expect.stringContaining(text);
    expect(report.failed).toEqual([
      { input: 'out.zip/../evil.png', error: says('leads out of the archive') },
      { input: 'out.zip//abs.png', error: says('leads out of the archive') },
      { input: 'bits.zip/a.png', error: says('bits.zip/a.png: damaged in the archive') },
      { input: 'bomb.zip/a.png', error: says('unpacks to 300000000 bytes: expected at most') },
    ]);
    expect(await filesIn('out')).toEqual([
      'bits.zip/b.mask.png',
      'bits.zip/b.overlay.png',
      'out.zip/good.mask.png',
      'out.zip/good.overlay.png',
    ]);
  });

  test.each(['zip', 'tar', 'tgz'] as const)(
    'a %s that was cut off is an error that names it',
    async (kind) => {
      const whole = archiveOf[kind]({ 'a.png': png(0), 'b.png': png(1) });
      await writeFile(at(`cut.${kind}`), whole.subarray(0, whole.length / 2));
      await expect(findPictures([at(`cut.${kind}`)])).rejects.toMatchObject({
        code: 'format',
        message: expect.stringContaining(`cut.${kind}: `),
      });
    },
  );

  test('one of another format is not written', () => {
    expect(() => outputPlace('out.tar.gz', false)).toThrow(
      'out.tar.gz: results go into a folder, a .zip or a .tar',
    );
  });

  test('one that is read is not written over; one without pictures is an error', async () => {
    await writeFile(at('a.zip'), archiveOf.zip({ 'a.png': png(0) }));
    const { code, report } = await segment('a.zip', '-o', './a.zip');
    expect([code, report.error.message]).toEqual([
      1,
      expect.stringContaining('would overwrite the input a.zip'),
    ]);
    await writeFile(at('empty.zip'), archiveOf.zip({ 'notes.txt': png(0) }));
    await expect(findPictures([at('empty.zip')])).rejects.toThrow('empty.zip: no pictures found');
  });
});

describe('lists', () => {
  test('name files, folders, patterns and archives, a line each', async () => {
    await pictures('a.png', 'in/1.png', 'in/2.png', 'p/x1.png', 'p/y.png', '@b.png');
    await writeFile(at('z.zip'), archiveOf.zip({ 'deep/z.png': png(9) }));
    const lines = ['a.png', '', 'in', 'p/x*.png', 'z.zip'].map((line) => line && at(line));
    await writeFile(at('list.txt'), `${lines.join('\r\n')}\n`);
    const found = await findPictures([`@${at('list.txt')}`]);
    expect(found.pictures.map(({ name }) => name)).toEqual(['a', 'in/1', 'in/2', 'p/x1', 'z.zip/deep/z']);
    const byPattern = await findPictures([at('*.{zip,png}')]);
    expect(byPattern.pictures.map(({ name }) => name)).toEqual(['@b', 'a', 'z.zip/deep/z']);
    await writeFile(at('none.txt'), '\n\n');
    await expect(findPictures([`@${at('none.txt')}`])).rejects.toThrow('the list names no pictures');
    await expect(findPictures(['@missing.txt'])).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('@missing.txt: the list missing.txt cannot be read'),
    });
  });
  test('come from standard input; a file may have such a name, too', async () => {
    await pictures('in/1.png', '@b.png');
    const child = start(folder, ['segment', '@-', '@b.png', '-o', 'out', '--model', quarter, '--json']);
    child.stdin?.end('in/1.png\n');
    const { files } = JSON.parse((await outcomeOf(child)).stdout);
    expect(files.map(({ input }: { input: string }) => input)).toEqual(['in/1.png', '@b.png']);
  });
});

describe('--resume', () => {
  const done = ['in/1.png', 'in/2.png', 'in/3.png'];
  const args = ['in', '-o', 'out', '--resume', '--save', 'coco,labelme'];

  test('does what is new or has changed, and nothing else', async () => {
    await pictures(...done);
    expect(redone((await segment(...args)).report)).toEqual(done);
    const coco = await readFile(at('out/atrous.coco.json'), 'utf8');
    const before = (await stat(at('out/1.mask.png'))).mtimeMs;
    await writeFile(at(`out/.atrous-${crypto.randomUUID()}.partial`), 'of a run that was killed');
    const again = await segment(...args, '--jobs', '1', '--threads', '1');
    expect([again.code, redone(again.report)]).toEqual([0, []]);
    expect(again.report.files[0]).toMatchObject({ input: 'in/1.png', width: 40, mask: 'out/1.mask.png' });
    expect((await stat(at('out/1.mask.png'))).mtimeMs).toBe(before);
    expect(await readFile(at('out/atrous.coco.json'), 'utf8')).toBe(coco);
    expect((await filesIn('out')).filter((name) => name.includes('partial'))).toEqual([]);

    await writeFile(at('in/2.png'), png(77)); // another picture
    await rm(at('out/3.overlay.png')); // a result that is gone
    await pictures('in/4.png'); // a new one
    expect(redone((await segment(...args)).report)).toEqual(['in/2.png', 'in/3.png', 'in/4.png']);
  });

  test('does all where settings changed, and after a run that kept no manifest', async () => {
    await pictures(...done);
    await segment(...args);
    expect(redone((await segment(...args, '--opacity', '0.9')).report)).toEqual(done);
    await segment('in', '-o', 'out');
    expect(await filesIn('out')).not.toContain(manifestName);
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
    const { report } = await segment('in', '-o', 'out.zip');
    expect(report.error.message).toContain('out.zip.partial: in the way');
    expect(await readFile(at('out.zip.partial/mine.txt'), 'utf8')).toBe('mine');
  });

  test('killed at any moment, it ends as if nobody had disturbed it', async () => {
    expect(await killAndResume(30, 3, quarter)).toMatchObject({ different: [] });
  });
});

test.each([['--resume'], ['-o', 'out.zip']])(
  '%s is for pictures, and said so of a video',
  async (...args) => {
    await writeFile(at('clip.mp4'), '');
    const { code, report } = await segment('clip.mp4', ...args);
    expect([code, report.error.message]).toEqual([
      1,
      `${args.join(' ')} is for pictures: videos go into a folder, each whole or not at all`,
    ]);
  },
);

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
