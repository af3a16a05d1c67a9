import type { ByteSource } from '@atrous/checkpoint';
import type { Progress } from './progress.ts';

export interface OpenOptions {
  /** Checked before the file is used. */
  readonly expected?: { readonly bytes: number; readonly sha256: string };
  /** Downloads of a file without `expected` stop at so many bytes. @default 4 GiB */
  readonly limit?: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** A file of a model. */
export interface ModelFile extends ByteSource {
  /**
   * Of a download: puts it into the cache, for whoever opened it and found it good. Gives whether it is there now: not
   * where the cache is full or forbidden.
   */
  keep?(): Promise<boolean>;
}

/** Copies of a model's files from earlier loads. */
export interface KeptFiles {
  /**
   * A copy; undefined where there is none or the cache fails.
   * @throws AtrousError `integrity`
   */
  open(file: string, options?: OpenOptions): Promise<ByteSource | undefined>;
  /** Forgets a copy that is of no use. */
  drop(file: string): Promise<void>;
}

/** Where the files of a model lie. */
export interface ModelFolder {
  readonly name: string;
  /** @throws AtrousError `not-found`, `integrity`, `format` */
  open(file: string, options?: OpenOptions): Promise<ModelFile>;
  /** Copies from earlier loads, where files are far away. */
  readonly kept?: KeptFiles;
}
