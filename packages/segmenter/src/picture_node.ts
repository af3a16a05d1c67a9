import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AtrousError, inWords, messageOf } from '@atrous/tensor';
import { urlFiles } from '@atrous/zoo';
import { checkOptions, pictureRules } from './arguments.ts';
import { decodePicture } from './decode_node.ts';
import type { PictureOptions } from './limit.ts';
import { bytesOf, type GivenPixels, isPixels, type Pixels, takePixels } from './pixels.ts';

/**
 * A file's path, a `file:`, `data:`, `http:` or `https:` URL, the bytes of a file, a Blob, or raw pixels as
 * `{ data, width, height }`.
 */
export type NodePicture = string | URL | ArrayBufferLike | ArrayBufferView | Blob | GivenPixels;

/** The most bytes of a picture over HTTP: 256 MiB. */
const largestDownload = 2 ** 28;

/**
 * The pixels of a picture, of the first frame where it moves; EXIF orientation applied, colours in sRGB, 8 bits.
 * @throws AtrousError `input` for what is no picture, or has more pixels than `maxPixels`; `not-found`, and over HTTP
 * `integrity` and `format`, naming the URL
 */
export async function readPicture(picture: NodePicture, options: PictureOptions = {}): Promise<Pixels> {
  checkOptions(options, pictureRules);
  const { maxPixels, signal } = options;
  signal?.throwIfAborted();
  if (typeof picture === 'string' || picture instanceof URL) {
    const { name, bytes } = await readLocation(picture, signal);
    signal?.throwIfAborted();
    return decodePicture(bytes, name, maxPixels);
  }
  if (picture instanceof Blob) {
    const name = picture instanceof File ? picture.name : 'picture';
    return decodePicture(new Uint8Array(await picture.arrayBuffer()), name, maxPixels);
  }
  const bytes = bytesOf(picture);
  if (bytes) return decodePicture(bytes, 'picture', maxPixels);
  if (isPixels(picture)) return takePixels(picture);
  throw new AtrousError(
    'input',
    `picture: expected a path, a URL, bytes, a Blob or pixels, got ${inWords(picture)}`,
  );
}

interface EncodedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The file at a path or a URL. */
async function readLocation(location: string | URL, signal?: AbortSignal): Promise<EncodedFile> {
  const text = String(location);
  const scheme = /^(https?|file|data):/i.exec(text)?.[1].toLowerCase();
  if (scheme === 'data') return readDataUrl(text);
  if (scheme === 'http' || scheme === 'https') return download(text, signal);
  if (scheme === undefined && location instanceof URL) {
    throw new AtrousError('input', `${text}: expected a file:, data:, http: or https: URL`);
  }
  return readPath(scheme === 'file' ? pathOf(text) : text);
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new AtrousError('input', `${url}: not the URL of a file here: ${messageOf(cause)}`, { cause });
  }
}

async function readPath(path: string): Promise<EncodedFile> {
  try {
    return { name: path, bytes: await readFile(path) };
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing) throw new AtrousError('not-found', `${path}: no such file`, { cause });
    throw new AtrousError('input', messageOf(cause), { cause });
  }
}

async function readDataUrl(url: string): Promise<EncodedFile> {
  const name = 'data URL';
  try {
    return { name, bytes: new Uint8Array(await (await fetch(url)).arrayBuffer()) };
  } catch (cause) {
    throw new AtrousError('input', `${name}: not one that can be decoded: ${inWords(url)}`, { cause });
  }
}

async function download(url: string, signal?: AbortSignal): Promise<EncodedFile> {
  const name = url;
  const file = await urlFiles({ picture: url }).open('picture', { limit: largestDownload, signal });
  return { name, bytes: await file.read(0, file.size) };
}
