import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isPartialName, writeWhole } from '@atrous/checkpoint/node';

/** What is known of a picture that was done. */
export interface DonePicture<Facts> {
  /** Where its results lie, below the output folder and without an ending. */
  readonly name: string;
  /** Where it lay, as seen from the output folder: files of results say it. */
  readonly from: string;
  /** SHA-256 of its file. */
  readonly content: string;
  /** Its results. */
  readonly files: readonly string[];
  readonly facts: Facts;
}

/** What runs in an output folder have done with the same settings and the same model. */
export interface Manifest<Facts> {
  /** What was made of a picture: undefined where that is another one by now, or one of its files is gone or has another size. */
  find(picture: Pick<DonePicture<Facts>, 'name' | 'from' | 'content'>): Promise<Facts | undefined>;
  /** Before files of a picture are written: what is known of those before is no longer true. */
  begin(name: string): Promise<void>;
  /** When all its files are there. */
  add(picture: DonePicture<Facts>): Promise<void>;
  /** At the end of a run: one line for each picture, by name, whatever order they were done in. */
  finish(): Promise<void>;
}

/** Lies in the output folder. */
export const manifestName = 'atrous.resume.jsonl';

interface Line<Facts> extends Omit<DonePicture<Facts>, 'files'> {
  /** Bytes by file, below the output folder. */
  readonly files: Readonly<Record<string, number>>;
}

export const digest = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex');

/** SHA-256 of a file, which may be large. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * The manifest of an output folder: a line of JSON with the settings, then one for each picture, added when its files are there. A run that is
 * killed leaves at most a line that is cut off, which counts for nothing. What was made with other settings is forgotten.
 * @param settings a digest of all that the results depend on beside the pictures
 */
export async function openManifest<Facts>(folder: string, settings: string): Promise<Manifest<Facts>> {
  const path = join(folder, manifestName);
  const done = linesOf<Facts>(await readFile(path, 'utf8').catch(() => ''), settings);
  const rewrite = () => {
    const lines = [...done.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return writeWhole(path, [{ settings }, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
  };
  await rewrite();
  const append = (line: unknown) => appendFile(path, `${JSON.stringify(line)}\n`);
  return {
    async find({ name, from, content }) {
      const line = done.get(name);
      if (line?.content !== content || line.from !== from) return undefined;
      const sizes = Object.entries(line.files).map(async ([file, size]) => {
        const found = await stat(join(folder, file)).catch(() => undefined);
        return found?.size === size;
      });
      return (await Promise.all(sizes)).every(Boolean) ? line.facts : undefined;
    },
    async begin(name) {
      if (done.delete(name)) await append({ name });
    },
    async add({ files, ...picture }) {
      const sizes = await Promise.all(
        files.map(
          async (file) => [relative(folder, file).split(sep).join('/'), (await stat(file)).size] as const,
        ),
      );
      const line: Line<Facts> = { ...picture, files: Object.fromEntries(sizes) };
      done.set(picture.name, line);
      await append(line);
    },
    finish: rewrite,
  };
}

/** Removes what runs that were killed left half written in folders. */
export async function removeHalves(folders: Iterable<string>): Promise<void> {
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => []))
      if (isPartialName(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** A run that keeps no manifest makes an earlier one's wrong. */
export const forgetManifest = (folder: string): Promise<void> =>
  rm(join(folder, manifestName), { force: true });

/** What was done last with each picture, by name: nothing where the settings are others, or the file is none of ours. */
function linesOf<Facts>(text: string, settings: string): Map<string, Line<Facts>> {
  const [head, ...lines] = text.split('\n').map(parsed);
  const done = new Map<string, Line<Facts>>();
  if (head?.settings !== settings) return done;
  for (const line of lines) {
    if (line && typeof line.name === 'string') {
      if (line.files) done.set(line.name, line as unknown as Line<Facts>);
      else done.delete(line.name);
    }
  }
  return done;
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
