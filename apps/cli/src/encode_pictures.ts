import { type Encoder, encoderOf } from '@atrous/encoder';
import { messageOf } from '@atrous/tensor';
import { type CheckpointFlags, openModel } from './options.ts';
import { note, progressBar } from './output.ts';
import { type FoundPictures, findPictures, type PictureFile } from './pictures.ts';
import { printableName } from './printable.ts';
import { givenRuntimes } from './runtimes.ts';

/** What opens an encoder on the command line. */
export interface EncoderFlags extends CheckpointFlags {
  readonly model: string;
  readonly runtime: string;
  readonly threads?: number;
  readonly json: boolean;
}

/** A model of the command line as an encoder. @throws AtrousError */
export async function openEncoder(flags: EncoderFlags, signal: AbortSignal): Promise<Encoder> {
  const { model, runtime, threads } = flags;
  return encoderOf(await openModel(model, flags), { runtimes: givenRuntimes, runtime, threads, signal });
}

/** The pictures that arguments name; results of earlier runs that were passed over are said. */
export async function picturesToEncode(args: readonly string[]): Promise<FoundPictures> {
  const found = await findPictures(args);
  const { length } = found.skipped;
  if (length > 0) note(`atrous: ${length} results of earlier runs skipped`);
  return found;
}

type Failed = FoundPictures['failed'];

/** Does something with each picture, a bar on the terminal; what fails is listed, and the others are done. */
export async function withEach<R>(
  { pictures, failed: unread }: FoundPictures,
  signal: AbortSignal,
  work: (picture: PictureFile) => Promise<R>,
): Promise<{ readonly done: readonly R[]; readonly failed: Failed }> {
  const done: R[] = [];
  const failed = [...unread];
  const bar = progressBar(pictures.length);
  for (const picture of pictures) {
    signal.throwIfAborted();
    bar.step(picture.path);
    try {
      done.push(await work(picture));
    } catch (error) {
      if (signal.aborted) throw error;
      failed.push({ input: picture.path, error: messageOf(error) });
    }
  }
  bar.end();
  return { done, failed };
}

/** Says which pictures failed; the exit code does, too. */
export function reportFailures(failed: Failed): void {
  for (const { input, error } of failed) note(`atrous: ${printableName(input)} failed: ${error}`);
  if (failed.length > 0) process.exitCode ??= 1;
}

/** `xception (timm) on wasm (asked for)` */
export const describeEncoder = ({ network, source, runtime, reason }: Encoder): string =>
  `${network} (${source}) on ${runtime} (${reason})`;
