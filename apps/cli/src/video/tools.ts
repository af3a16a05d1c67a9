import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { AtrousError, messageOf } from '@atrous/tensor';

/** ffmpeg and ffprobe are programs of the user's, found on the PATH: none is shipped. */
type Tool = 'ffmpeg' | 'ffprobe';

const installHint =
  'install it (apt install ffmpeg, brew install ffmpeg, winget install ffmpeg; https://ffmpeg.org/download.html)';

/** The first that knows `-fps_mode`, of 2022. */
const oldest = [5, 1] as const;

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  /** The last of what it said about errors. */
  readonly said: string;
}

/** A program under way. It is killed at an abort, and has ended in every sense when `ended` settles. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ending>;
}

/** As much of standard error as errors show. */
const mostSaid = 4000;

/**
 * Starts a program with arguments as they are: no shell reads them.
 * @param pipes how many files beyond standard error it writes to
 */
export function startTool(tool: Tool, args: readonly string[], signal: AbortSignal, pipes = 0): Running {
  signal.throwIfAborted();
  const process = spawn(tool, args, { stdio: ['pipe', 'pipe', 'pipe', ...Array(pipes).fill('pipe')] });
  let said = '';
  process.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-mostSaid);
  });
  process.stdin?.on('error', () => {}); // what it does not read any more, its ending says
  const kill = () => {
    process.kill('SIGKILL');
    for (const pipe of process.stdio) pipe?.destroy(); // or what nobody reads would keep it open
  };
  signal.addEventListener('abort', kill);
  const ended = new Promise<Ending>((resolve, reject) => {
    process.on('close', (code) => resolve({ code, said: said.trim() }));
    process.on('error', (cause) => reject(missing(tool, cause)));
  }).finally(() => signal.removeEventListener('abort', kill));
  ended.catch(() => {}); // whoever waits for it hears of it
  return { process, ended };
}

function missing(tool: Tool, cause: NodeJS.ErrnoException): AtrousError {
  const why = cause.code === 'ENOENT' ? 'is not on the PATH' : `cannot be started: ${messageOf(cause)}`;
  return new AtrousError('unavailable', `video needs ${tool}, which ${why}: ${installHint}`, { cause });
}

/** What a program prints. */
export async function outputOf(
  tool: Tool,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Ending & { text: string }> {
  const { process, ended } = startTool(tool, args, signal);
  process.stdin?.end();
  const pieces: Buffer[] = [];
  (process.stdout as Readable).on('data', (piece: Buffer) => pieces.push(piece));
  const ending = await ended;
  signal.throwIfAborted();
  return { ...ending, text: Buffer.concat(pieces).toString() };
}

/** The encoders that an ffmpeg has. */
export type Encoders = ReadonlySet<string>;

/**
 * Looks whether ffmpeg and ffprobe are there and new enough.
 * @throws AtrousError `unavailable`, with what to install
 */
export async function findFfmpeg(signal: AbortSignal): Promise<Encoders> {
  const { text } = await outputOf('ffmpeg', ['-hide_banner', '-version'], signal);
  const [, version] = /^ffmpeg version (\S+)/.exec(text) ?? [];
  const numbers = /^n?(\d+)\.(\d+)/.exec(version ?? ''); // builds between versions have none
  if (numbers) {
    const [major, minor] = numbers.slice(1).map(Number);
    if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
      throw new AtrousError(
        'unavailable',
        `video needs ffmpeg ${oldest.join('.')} or later, got ${version}: ${installHint}`,
      );
    }
  }
  await outputOf('ffprobe', ['-hide_banner', '-version'], signal);
  const listed = await outputOf('ffmpeg', ['-hide_banner', '-encoders'], signal);
  return new Set([...listed.text.matchAll(/^ [A-Z.]{6} (\S+)/gm)].map(([, name]) => name));
}

/** A file's name as ffmpeg is to take it: never a flag, and no protocol but that of files. */
export const fileUrl = (path: string): string => `file:${path}`;

/** What a program said, without the addresses of its parts; the first lines say what the others follow from. */
export function inShort(said: string): string {
  const lines = said.split('\n').map((line) => line.replace(/ @ 0x[0-9a-f]+\]/, ']').trim());
  return lines.filter(Boolean).slice(0, 2).join('; ') || 'it did not say why';
}
