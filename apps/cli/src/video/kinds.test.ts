/** Each kind that `--video` writes, of a clip as phones and cameras write them: H.264 with AAC. */
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { folderSink, saveModel } from '@atrous/zoo';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tinyConfig, tinyModel } from '../../../../packages/zoo/src/test_model.ts';
import { outcomeOf, runCommand, start } from '../test_command.ts';
import { factsOf, ffmpeg, makeClip, rawFrames, soundCodec, videoEntry, whyNoVideo } from './test_clips.ts';

let folder = '';
const at = (...names: string[]) => join(folder, ...names);
const missing = whyNoVideo('libx264', 'aac');
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-kinds-'));
  if (missing) return;
  await saveModel(folderSink(at('tiny')), tinyModel, tinyConfig, ['float32']);
  makeClip(at('clip.mp4'), { seconds: 3, rate: '10' });
});
afterAll(() => rm(folder, { recursive: true }));

/** From the first frame on, in milliseconds: what Opus adds before its sound moves all of a WebM. */
const steps = ([first, ...rest]: readonly number[]) => rest.map((time) => Math.round(1000 * (time - first)));

const everything = ['--cutout', 'background,cat,dog', '--hard-edges'];
const segment = (clip: string, ...args: string[]) => [
  'segment',
  clip,
  ...args,
  '--model',
  './tiny',
  '--threads',
  '1',
];

/** Kinds of which each is a film; what ffmpeg must have for it. */
const films = [
  { kind: 'overlay', file: 'clip.overlay.mp4', needs: ['libx264'], video: 'h264,yuv420p', sound: 'aac' },
  {
    kind: 'cutout',
    file: 'clip.cutout.webm',
    needs: ['libvpx-vp9', 'libopus'],
    video: 'vp9,yuv420p',
    sound: 'opus',
  },
  { kind: 'cutout-mkv', file: 'clip.cutout.mkv', needs: ['ffv1'], video: 'ffv1,bgra', sound: 'aac' },
  { kind: 'mask', file: 'clip.mask.mkv', needs: ['ffv1'], video: 'ffv1,gray', sound: '' },
] as const;

describe.skipIf(missing)(`a clip in H.264 with AAC${missing ? `: ${missing}` : ''}`, () => {
  for (const { kind, file, needs, video, sound } of films) {
    const lacks = whyNoVideo(...needs);
    test.skipIf(lacks)(`${kind}${lacks ? `: ${lacks}` : ''}`, async () => {
      const out = at(kind);
      const outcome = await runCommand(
        folder,
        ...segment('clip.mp4', '-o', kind, '--video', kind, ...everything),
      );
      expect(outcome).toMatchObject({ code: 0, stderr: '' });
      expect(await readdir(out)).toEqual([file]);
      const written = join(out, file);
      expect([videoEntry(written, 'codec_name,pix_fmt'), soundCodec(written)]).toEqual([video, sound]);
      const [from, to] = [factsOf(at('clip.mp4')), factsOf(written)];
      expect(steps(to.frames)).toEqual(steps(from.frames));
      expect(to.frames).toHaveLength(30);
      expect(Math.abs(to.seconds - 3)).toBeLessThan(0.1);
    });
  }

  test('png', async () => {
    const outcome = await runCommand(folder, ...segment('clip.mp4', '-o', 'png', '--video', 'png'));
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(at('png/clip.masks'))).toHaveLength(30);
  });

  const noVp9 = whyNoVideo('libvpx-vp9', 'libopus');
  test.skipIf(noVp9)(
    `cut-outs in VP9 have the colours of the source, and say which${noVp9 ? `: ${noVp9}` : ''}`,
    async () => {
      for (const [size, space] of [
        ['96x54', 'smpte170m'],
        ['96x720', 'bt709'],
      ]) {
        const name = `blue${size}`;
        ffmpeg(
          '-f',
          'lavfi',
          '-i',
          `color=c=0x3070b0:size=${size}:rate=10`,
          '-t',
          '0.3',
          '-c:v',
          'libx264',
          '-pix_fmt',
          'yuv420p',
          at(`${name}.mp4`),
        );
        const outcome = await runCommand(
          folder,
          ...segment(`${name}.mp4`, '-o', 'blue', '--video', 'cutout', ...everything),
        );
        expect(outcome).toMatchObject({ code: 0, stderr: '' });
        const written = at('blue', `${name}.cutout.webm`);
        expect(videoEntry(written, 'color_space,color_range')).toBe(`tv,${space}`);
        const [from, to] = [rawFrames(at(`${name}.mp4`), 'yuv420p'), rawFrames(written, 'yuv420p')];
        const furthest = from.reduce((most, value, i) => Math.max(most, Math.abs(value - to[i])), 0);
        expect([to.length, furthest <= 3]).toEqual([from.length, true]);
        const pixels = rawFrames(written, 'rgba', '-c:v', 'libvpx-vp9');
        expect(pixels.filter((_, i) => i % 4 === 3).every((alpha) => alpha > 250)).toBe(true);
      }
    },
  );

  test.skipIf(noVp9 || process.platform === 'win32')(
    `without libx264 overlays are VP9: in MP4 with AAC, in WebM with Opus${noVp9 ? `: ${noVp9}` : ''}`,
    async () => {
      await mkdir(at('free'));
      const without = `PATH='${process.env.PATH}'; case "$*" in *-encoders) ffmpeg "$@" | grep -v libx264; exit;; esac`;
      await writeFile(at('free/ffmpeg'), `#!/bin/sh\n${without}\nexec ffmpeg "$@"\n`);
      await chmod(at('free/ffmpeg'), 0o755);
      ffmpeg('-i', at('clip.mp4'), '-c:v', 'copy', '-c:a', 'libopus', at('opus.mkv'));
      const env = { PATH: `${at('free')}${delimiter}${process.env.PATH}` };
      const args = segment('clip.mp4', 'opus.mkv', '-o', 'vp9', '--video', 'overlay');
      expect(await outcomeOf(start(folder, args, env))).toMatchObject({ code: 0, stderr: '' });
      for (const [name, source, sound] of [
        ['clip.overlay.mp4', 'clip.mp4', 'aac'],
        ['opus.overlay.webm', 'opus.mkv', 'opus'],
      ]) {
        const written = at('vp9', name);
        expect([videoEntry(written, 'codec_name'), soundCodec(written)]).toEqual(['vp9', sound]);
        expect(steps(factsOf(written).frames)).toEqual(steps(factsOf(at(source)).frames));
      }
    },
  );
});
