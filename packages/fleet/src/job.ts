import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Segmenter } from '@atrous/segmenter';
import { type FileFormat, type FileOptions, fileFormats, idsOf } from '@atrous/segmenter/files';
import { AtrousError, unknownName } from '@atrous/tensor';
import { modelChecksum } from './model_checksum.ts';
import type { StoredPicture } from './store.ts';

/** The path below holds from `src` and from `dist`. */
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** How pictures are looked at, and what is made of them. */
export interface PictureSettings extends FileOptions {
  readonly scales?: readonly number[];
  readonly flip?: boolean;
  readonly window?: number;
  readonly minConfidence?: number;
}

/** What every worker of a run must agree on. It travels with each job. */
export interface FleetSettings {
  /** The version of Atrous that made it. */
  readonly version: string;
  readonly model: { readonly name: string; readonly checksum: string };
  readonly formats: readonly FileFormat[];
  readonly options: PictureSettings;
}

/** One picture: where it lies, where its results go, and how they are made. */
export interface PictureJob extends StoredPicture {
  /** The stores of pictures and of results, as a user writes them. */
  readonly from: string;
  readonly to: string;
  readonly settings: FleetSettings;
  /** SHA-256 of the settings. */
  readonly checksum: string;
  /** Since when workers put it back that may not do it, in milliseconds since 1970, and what the last one said. */
  readonly refused?: { readonly since: number; readonly why: string };
}

export const digest = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  // the length of each part before it: no two lists of parts are one text
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
};

export const settingsChecksum = (settings: FleetSettings): string => digest(JSON.stringify(settings));

/**
 * Settings for a model that is loaded.
 * @param location where it was loaded from
 * @throws AtrousError `input` for formats and classes that there are not
 */
export async function settingsOf(
  segmenter: Pick<Segmenter, 'config' | 'precision' | 'compute' | 'classes'>,
  location: string,
  formats: readonly FileFormat[],
  options: PictureSettings = {},
): Promise<FleetSettings> {
  for (const format of formats) {
    if (!Object.hasOwn(fileFormats, format)) throw unknownName('format', format, Object.keys(fileFormats));
  }
  if (formats.length === 0) throw new AtrousError('input', 'formats: expected at least one, got none');
  if (options.classes) idsOf(options.classes, segmenter.classes);
  const model = { name: segmenter.config.name, checksum: await modelChecksum(segmenter, location) };
  return { version, model, formats, options };
}

/**
 * Why a worker must not do a job; undefined where it may. Another model or version would give another result under the same name.
 */
export function refusal(
  { settings }: Pick<PictureJob, 'settings'>,
  model: { readonly name: string; readonly checksum: string },
): string | undefined {
  if (settings.version !== version)
    return `it is for version ${settings.version} of Atrous, and this worker is ${version}`;
  if (settings.model.checksum === model.checksum) return undefined;
  const brief = ({ name, checksum }: typeof model) => `${name} (${checksum.slice(0, 12)})`;
  return `it is for the model ${brief(settings.model)}, and this worker has ${brief(model)}`;
}

/** The same picture with the same settings is the same job. */
export const jobId = ({ from, to, key, version: stored, checksum }: PictureJob): string =>
  `p${digest(from, to, key, stored, checksum).slice(0, 32)}`;

/** Where a result goes: beside the picture's own name, by what went into it, so that whoever makes it again makes the same. */
export function resultKey({ key, checksum }: PictureJob, picture: Uint8Array, format: FileFormat): string {
  const content = digest(digest(picture), checksum).slice(0, 16);
  return `${key.replace(/\.[^./]+$/, '')}.${content}${fileFormats[format].ending}`;
}
