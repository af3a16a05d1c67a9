import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { decodeLabelPng } from '@atrous/mask';
import peopleSmall from '@atrous/model-people-small/config.json' with { type: 'json' };
import { folderSink, saveModel } from '@atrous/zoo';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tinyConfig, tinyModel } from '../../../../packages/zoo/src/test_model.ts';
import { type Outcome, outcomeOf, runCommand, start } from '../test_command.ts';
import { parseKinds } from './outputs.ts';
import { factsOf, ffmpeg, makeClip, rawFrames, videoEntry, whyNoVideo } from './test_clips.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-video-'));
  await saveModel(folderSink(at('tiny')), tinyModel, tinyConfig, ['float32']);
});
afterAll(() => rm(folder, { recursive: true }));

const at = (...names: string[]) => join(folder, ...names);
const model = ['--model', './tiny', '--threads', '1'];
const segment = (...args: string[]): Promise<Outcome> => runCommand(folder, 'segment', ...args, ...model);
const filesIn = (name: string) => readdir(at(name)).catch(() => []);

const missing = whyNoVideo();

describe.skipIf(missing)(`videos${missing ? `: ${missing}` : ''}`, () => {
  test('20 seconds at 29.97 and at a varying rate: frames, times, sound and length are the source’s', async () => {
    makeClip(at('constant.mp4'), { seconds: 20 });
    makeClip(at('varying.mp4'), { seconds: 20, rate: '30', variable: true });
    const { code, stdout, stderr } = await segment('constant.mp4', 'varying.mp4', '-o', 'long', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const { videos } = JSON.parse(stdout);
    for (const [i, name] of ['constant', 'varying'].entries()) {
      const [from, to] = [factsOf(at(`${name}.mp4`)), factsOf(at('long', `${name}.overlay.mp4`))];
      expect(to).toEqual(from);
      expect(videos[i]).toMatchObject({ frames: from.frames.length, width: 96, height: 54 });
      expect(videos[i].files).toEqual({ overlay: `long/${name}.overlay.mp4` });
    }
    expect(videos[0].frames).toBeGreaterThan(598);
    expect(videoEntry(at('long/constant.overlay.mp4'), 'codec_name,pix_fmt')).toBe('h264,yuv420p');
  });

  test('masks as PNG and as video hold the same ids; cut-outs have alpha', async () => {
    const astronaut = fileURLToPath(new URL('../../examples/astronaut.png', import.meta.url));
    const still = [
      '-loop',
      '1',
      '-framerate',
      '10',
      '-i',
      astronaut,
      '-t',
      '0.5',
      '-vf',
      'scale=96:96,rotate=n/20',
    ];
    ffmpeg(...still, '-c:v', 'ffv1', at('short.mkv'));
    const kinds = 'overlay,mask,png,cutout,cutout-mkv';
    const args = ['-o', 'all', '--video', kinds, '--cutout', 'hair', '--hard-edges', '--smoothing', '0.5'];
    const people = ['--model', 'people-small'];
    expect(await runCommand(folder, 'segment', 'short.mkv', ...args, ...people)).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect((await filesIn('all')).sort()).toEqual([
      'short.cutout.mkv',
      'short.cutout.webm',
      'short.mask.mkv',
      'short.masks',
      'short.overlay.mp4',
    ]);
    const names = (await filesIn('all/short.masks')).sort();
    expect(names).toEqual([1, 2, 3, 4, 5].map((i) => `00000${i}.mask.png`));
    const ids = await Promise.all(
      names.map(
        async (name) => decodeLabelPng(await readFile(at('all/short.masks', name)), name).data as Uint8Array,
      ),
    );
    const allIds = Buffer.concat(ids);
    expect(rawFrames(at('all/short.mask.mkv'), 'gray')).toEqual(allIds);
    expect(new Set(allIds).size).toBeGreaterThan(3);
    const hair = peopleSmall.labels.find(({ name }) => name === 'hair')!.id;
    const alphas = (bytes: Buffer) => bytes.filter((_, i) => i % 4 === 3);
    const expected = allIds.map((id) => (id === hair ? 255 : 0));
    expect(alphas(rawFrames(at('all/short.cutout.mkv'), 'rgba'))).toEqual(expected);
    const lossy = alphas(rawFrames(at('all/short.cutout.webm'), 'rgba', '-c:v', 'libvpx-vp9'));
    const wrong = lossy.filter((alpha, i) => Math.abs(alpha - expected[i]) > 96).length;
    expect(wrong / lossy.length).toBeLessThan(0.05);
    expect(videoEntry(at('all/short.cutout.webm'), 'codec_name')).toBe('vp9');

    // again: the folder of the earlier run is replaced, unless there is something else in it
    await writeFile(at('all/short.masks/000099.mask.png'), 'of a longer video');
    const again = ['short.mkv', '-o', 'all', '--video', 'png'];
    expect((await segment(...again)).code).toBe(0);
    expect((await filesIn('all/short.masks')).sort()).toEqual(names);
    await writeFile(at('all/short.masks/notes.txt'), 'mine');
    const { code, stderr } = await segment(...again);
    expect([code, stderr]).toEqual([1, expect.stringContaining('short.masks: there is notes.txt in it')]);
    expect(await readFile(at('all/short.masks/notes.txt'), 'utf8')).toBe('mine');
  });

  test('what is turned, odd, late, held or coloured is so still', async () => {
    const short = { seconds: 0.5, rate: '10' };
    makeClip(at('plain.mp4'), { ...short, size: '100x60' });
    ffmpeg('-i', at('plain.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=90', at('turned.mp4'));
    const wide = ['-vf', 'scale=99:61,setsar=4/3', '-c:v', 'ffv1'];
    makeClip(at('wide.mkv'), { ...short, size: '100x60', more: wide });
    const twice = ['-itsoffset', '0.35', '-i', at('plain.mp4'), '-i', at('plain.mp4')];
    ffmpeg(...twice, '-map', '0:v', '-map', '1:a', '-c', 'copy', at('late.mkv'));
    ffmpeg('-i', at('plain.mp4'), '-c:v', 'libx264', '-c:a', 'copy', at('aired.m2ts')); // begins at 1.4 s, the sound first
    makeClip(at('pcm.mov'), { ...short, more: ['-c:a', 'pcm_s16le'] });
    const hold = "setts=pts=PTS:dts=DTS:duration='if(eq(N,4),20480,DURATION)'";
    ffmpeg('-i', at('plain.mp4'), '-an', '-c', 'copy', '-bsf:v', hold, at('held.mp4'));
    const coloured = (name: string, size: string, ...tags: string[]) => {
      const source = ['-f', 'lavfi', '-i', `color=c=0x3070b0:size=${size}:rate=10`, '-t', '0.2'];
      ffmpeg(...source, '-c:v', 'libx264', '-pix_fmt', 'yuv420p', ...tags, at(name));
    };
    coloured('small.mp4', '96x54');
    coloured('large.mp4', '96x720');
    coloured(
      'tagged.mp4',
      '96x54',
      '-colorspace',
      'bt709',
      '-color_primaries',
      'bt709',
      '-color_trc',
      'bt709',
    );

    const names = [
      'turned.mp4',
      'wide.mkv',
      'late.mkv',
      'aired.m2ts',
      'pcm.mov',
      'held.mp4',
      'small.mp4',
      'large.mp4',
      'tagged.mp4',
    ];
    const outcome = await segment(...names, '-o', 'odd', '--video', 'overlay,mask', '--opacity', '0');
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const overlay = (name: string) => at('odd', `${name}.overlay.mp4`);
    expect(videoEntry(overlay('turned'), 'width,height')).toBe('60,100');
    expect(videoEntry(overlay('wide'), 'width,height,sample_aspect_ratio')).toBe('98,60,4:3');
    expect(videoEntry(at('odd/wide.mask.mkv'), 'width,height')).toBe('99,61');
    const [late, held] = [
      [factsOf(at('late.mkv')), factsOf(overlay('late'))],
      [factsOf(at('held.mp4')), factsOf(overlay('held'))],
    ];
    expect(late[1].frames).toEqual(late[0].frames);
    expect(late[1].sound).toHaveLength(late[0].sound.length);
    expect([held[0].seconds, held[1]]).toEqual([2.4, held[0]]);
    const lags = [at('aired.m2ts'), overlay('aired')].map((path) => {
      const { frames, sound } = factsOf(path);
      return frames[0] - Number.parseFloat(sound[0]);
    });
    expect(lags[0]).toBeGreaterThan(0.01);
    expect(lags[1]).toBeCloseTo(lags[0], 2);
    const [pcm, copied] = [factsOf(at('pcm.mov')), factsOf(at('odd/pcm.overlay.mkv'))];
    expect([copied.seconds, copied.frames]).toEqual([pcm.seconds, pcm.frames]);
    for (const [name, space] of Object.entries({ small: 'smpte170m', large: 'bt709', tagged: 'bt709' })) {
      const [from, to] = [at(`${name}.mp4`), overlay(name)].map((path) => rawFrames(path, 'yuv420p'));
      const furthest = from.reduce((most, value, i) => Math.max(most, Math.abs(value - to[i])), 0);
      expect([to.length, furthest <= 2]).toEqual([from.length, true]);
      expect(videoEntry(overlay(name), 'color_space')).toBe(space);
    }
  });

  test('what is damaged or no video fails with what is wrong, and leaves nothing; the others are done', async () => {
    makeClip(at('whole.mkv'), { seconds: 1, rate: '10', size: '320x180' });
    const bytes = await readFile(at('whole.mkv'));
    await writeFile(at('cut.mkv'), bytes.subarray(0, bytes.length * 0.6));
    await writeFile(at('notes.mp4'), 'these are notes');
    ffmpeg('-f', 'lavfi', '-i', 'sine', '-t', '0.2', at('tone.mp4'));
    const args = ['notes.mp4', 'tone.mp4', 'nowhere.mp4', 'cut.mkv', 'whole.mkv'];
    const { code, stdout } = await segment(...args, '-o', 'some', '--video', 'overlay,png', '--json');
    const { videos, failed } = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(failed.map(({ error }: { error: string }) => error)).toEqual([
      expect.stringMatching(/^notes\.mp4: no video, or a damaged one: ffprobe says: .*moov atom not found/),
      'tone.mp4: there is no video in it',
      'nowhere.mp4: no such file',
      expect.stringMatching(/^cut\.mkv: damaged after frame \d: ffmpeg says: /),
    ]);
    expect(videos.map(({ input }: { input: string }) => input)).toEqual(['whole.mkv']);
    expect((await filesIn('some')).sort()).toEqual(['whole.masks', 'whole.overlay.mp4']);
  });

  test.skipIf(process.platform === 'win32')(
    'an encoder that ends too early says why, and leaves nothing',
    async () => {
      await mkdir(at('full'));
      const script = `case "$*" in *libx264*) head -c 99999 >/dev/null; echo "no space left" >&2; exit 3;; esac`;
      await writeFile(
        at('full/ffmpeg'),
        `#!/bin/sh\n${script}\nPATH='${process.env.PATH}' exec ffmpeg "$@"\n`,
      );
      await chmod(at('full/ffmpeg'), 0o755);
      makeClip(at('large.mkv'), { seconds: 1, rate: '10', size: '640x360' });
      const args = ['segment', 'large.mkv', '-o', 'early', '--video', 'overlay,mask', ...model];
      const env = { PATH: `${at('full')}${delimiter}${process.env.PATH}` };
      const { code, stderr } = await outcomeOf(start(folder, args, env));
      const message = 'early/large.overlay.mp4: ffmpeg cannot encode it: no space left';
      expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
      expect(await filesIn('early')).toEqual([]);
    },
  );

  test('no input is written over, and pictures go by themselves', async () => {
    makeClip(at('a.overlay.mp4'), { seconds: 0.2, rate: '10' });
    makeClip(at('a.mp4'), { seconds: 0.2, rate: '10' });
    for (const [args, message] of [
      [['a.mp4', 'a.overlay.mp4'], 'a.overlay.mp4 would overwrite the input'],
      [['a.mp4', 'photo.jpg'], 'photo.jpg is no video, and others are'],
      [['a.mp4', '--save', 'coco'], '--save is for pictures'],
      [['a.mp4', '--video', 'cutout', '--cutout', 'car'], 'unknown class "car"'],
    ] as const) {
      const { code, stderr } = await segment(...args, '-o', '.');
      expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    }
  });

  test.skipIf(process.platform === 'win32')(
    'an interrupted run ends its programs and leaves nothing',
    async () => {
      makeClip(at('endless.mp4'), { seconds: 60 });
      const child = start(folder, [
        'segment',
        'endless.mp4',
        '-o',
        'stopped',
        '--video',
        'overlay,png',
        ...model,
      ]);
      const ended = outcomeOf(child);
      const isAtWork = async () => {
        const names = await filesIn('stopped');
        const counts = await Promise.all(
          names.map(async (name) => (await filesIn(`stopped/${name}`)).length),
        );
        return counts.some((count) => count > 3);
      };
      while (!(await isAtWork())) await wait(20);
      child.kill('SIGINT');
      const { code, stderr } = await ended;
      expect([code, stderr]).toEqual([130, expect.stringContaining('atrous: interrupted')]);
      expect(await filesIn('stopped')).toEqual([]);
    },
  );
});

test('kinds are a list of known ones, each once', () => {
  expect(parseKinds('mask, overlay,mask')).toEqual(['overlay', 'mask']);
  for (const text of ['gif', 'overlay,gif', ''])
    expect(() => parseKinds(text)).toThrow('Expected some of overlay, cutout, cutout-mkv, mask, png');
});

test.skipIf(process.platform === 'win32')(
  'without ffmpeg, or with an old one, it says what to install',
  async () => {
    await mkdir(at('none'));
    await mkdir(at('old'));
    await writeFile(
      at('old/ffmpeg'),
      '#!/bin/sh\necho "ffmpeg version 4.2.7-0ubuntu0.1 Copyright (c) 2000-2022"\n',
    );
    await chmod(at('old/ffmpeg'), 0o755);
    await writeFile(at('clip.mp4'), '');
    for (const [path, message] of [
      [at('none'), 'video needs ffmpeg, which is not on the PATH: install it (apt install ffmpeg'],
      [
        `${at('old')}${delimiter}/usr/bin`,
        'video needs ffmpeg 5.1 or later, got 4.2.7-0ubuntu0.1: install it',
      ],
    ]) {
      const { code, stderr } = await outcomeOf(
        start(folder, ['segment', 'clip.mp4', ...model], { PATH: path }),
      );
      expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    }
  },
);
