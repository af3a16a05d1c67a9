import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { decodeLabelPng } from '@atrous/mask';
import { decode, encode } from 'fast-png';
import { manifestName } from './resume.ts';
import { outcomeOf, start } from './test_command.ts';

export interface KillFigures {
  readonly kills: number;
  /** Runs that had ended before they were killed; they are none of the kills. */
  readonly late: number;
  /** Files under their final names, all read to the end. */
  readonly whole: number;
  /** Files that a kill left behind under temporary names. */
  readonly temporary: number;
  /** Files under final names that are not whole: there must be none. */
  readonly broken: readonly string[];
}

/**
 * Kills runs of `segment` (SIGKILL) at random moments between the first result and the last, and reads every file that
 * has its final name.
 */
export async function killRuns(pictures: number, kills: number, seed = 1): Promise<KillFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'atrous-kills-'));
  try {
    await mkdir(join(folder, 'in'));
    for (let i = 0; i < pictures; i++)
      await writeFile(join(folder, 'in', `${i}.png`), picture(900 + 7 * i, 700));
    // one by one, so that there is time to kill between the first result and the last
    const args = 'segment in -o out --jobs 1 --cutout hair,skin --save coco,geojson,svg'.split(' ');
    const random = randomNumbers(seed);
    const writing = await timeOfWriting(folder, args);
    const figures = { kills, late: 0, whole: 0, temporary: 0, broken: [] as string[] };
    for (let kill = 0; kill < kills; ) {
      await rm(join(folder, 'out'), { recursive: true, force: true });
      const child = start(folder, args);
      const ended = outcomeOf(child);
      await firstResult(join(folder, 'out'), ended);
      await Promise.race([wait(random() * writing), ended]);
      const isLate = child.exitCode !== null;
      child.kill('SIGKILL');
      await ended;
      if (isLate) figures.late++;
      else kill++;
      for (const name of await readdir(join(folder, 'out'))) {
        if (name.endsWith('.partial')) figures.temporary++;
        else if (await isWhole(join(folder, 'out', name))) figures.whole++;
        else figures.broken.push(`kill ${kill}: ${name}`);
      }
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true });
  }
}

export interface ResumeFigures {
  readonly kills: number;
  /** Runs that had ended before they were killed. */
  readonly late: number;
  /** Pictures that the last run, which nobody killed, found done. */
  readonly kept: number;
  /** Files whose content is not that of a run that nobody killed, or that are there in one run only: there must be none. */
  readonly different: readonly string[];
}

/**
 * Kills runs of `segment --resume` (SIGKILL) at random moments, each going on with the last, lets one come to its end, and compares its files
 * with those of a run that nobody disturbed.
 * @param model small and quick
 */
export async function killAndResume(
  pictures: number,
  kills: number,
  model: string,
  seed = 1,
): Promise<ResumeFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'atrous-resume-'));
  const random = randomNumbers(seed);
  try {
    await mkdir(join(folder, 'in'));
    for (let i = 0; i < pictures; i++)
      await writeFile(join(folder, 'in', `${i}.png`), picture(60 + Math.floor(90 * random()), 80, i));
    const args = ['segment', 'in', '--model', model, '--save', 'coco,csv,svg', '--json'];
    const begun = performance.now();
    const ended = outcomeOf(start(folder, [...args, '-o', 'whole']));
    await firstResult(join(folder, 'whole'), ended);
    const starting = performance.now() - begun;
    const whole = await ended;
    if (whole.code !== 0) throw new Error(`the run that nobody disturbed failed: ${whole.stderr}`);
    const writing = performance.now() - begun - starting;
    let late = 0;
    for (let kill = 0; kill < kills; kill++) {
      const child = start(folder, [...args, '-o', 'out', '--resume']);
      const ended = outcomeOf(child);
      // a quarter while it starts, the others while it writes, so that most of the pictures are done by runs that were killed
      if (random() < 0.25) await Promise.race([wait(random() * starting), ended]);
      else {
        await firstResult(join(folder, 'out'), ended);
        await Promise.race([wait((random() * 1.5 * writing) / kills), ended]);
      }
      if (child.exitCode !== null) late++;
      child.kill('SIGKILL');
      await ended;
    }
    const last = await outcomeOf(start(folder, [...args, '-o', 'out', '--resume']));
    if (last.code !== 0) throw new Error(`the run that went on failed: ${last.stderr}`);
    const files: { milliseconds?: number }[] = JSON.parse(last.stdout).files;
    const kept = files.filter(({ milliseconds }) => milliseconds === undefined).length;
    return { kills: kills - late, late, kept, different: await differences(folder, 'whole', 'out') };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Files of two folders that are not alike, the manifest left out. */
async function differences(folder: string, a: string, b: string): Promise<string[]> {
  const names = new Set([...(await readdir(join(folder, a))), ...(await readdir(join(folder, b)))]);
  names.delete(manifestName);
  const different: string[] = [];
  for (const name of names) {
    const [one, other] = await Promise.all(
      [a, b].map((each) => readFile(join(folder, each, name)).catch(() => undefined)),
    );
    if (!one || !other || !one.equals(other)) different.push(name);
  }
  return different;
}

/** Milliseconds from the first result to the end of a run that nobody kills. */
async function timeOfWriting(folder: string, args: readonly string[]): Promise<number> {
  const ended = outcomeOf(start(folder, args));
  await firstResult(join(folder, 'out'), ended);
  const began = performance.now();
  const { code, stderr } = await ended;
  if (code !== 0) throw new Error(`the run that nobody killed failed: ${stderr}`);
  return performance.now() - began;
}

/** When there is one more file that has its name. */
async function firstResult(output: string, ended: Promise<unknown>): Promise<void> {
  const count = async () =>
    (await readdir(output).catch(() => [])).filter((name) => !name.startsWith('.')).length;
  const before = await count();
  let isOver = false;
  ended.then(() => {
    isOver = true;
  });
  while (!isOver && (await count()) === before) await wait(5);
}

async function isWhole(path: string): Promise<boolean> {
  const bytes = await readFile(path);
  try {
    if (path.endsWith('.mask.png')) decodeLabelPng(bytes, path);
    else if (path.endsWith('.png')) decode(bytes, { checkCrc: true });
    else if (path.endsWith('.svg')) return bytes.toString().endsWith('</svg>\n');
    else JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}

/** Coarse noise: nothing that compresses to nothing. */
function picture(width: number, height: number, seed = 0): Uint8Array {
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 25,
  );
  return encode({ width, height, data, channels: 3 });
}

/** Numbers from 0 to 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
