/** A picture as it lies in a store. */
export interface StoredPicture {
  /** Its path below the store, with `/` between. */
  readonly key: string;
  /** Changes when the picture does: the ETag of an object; size and time of a file. */
  readonly version: string;
}

/** A folder, or what lies below a prefix of a bucket. */
export interface Store {
  /** The pictures, those below folders, too; results of runs and hidden files are passed over. */
  pictures(): AsyncIterable<StoredPicture>;
  /**
   * A picture's bytes.
   * @throws AtrousError `not-found`; `integrity` for one that changed since it was listed
   */
  read(picture: StoredPicture): Promise<Uint8Array<ArrayBuffer>>;
  has(key: string): Promise<boolean>;
  /** Writes a file, whole or not at all. False where there is one already, which stays as it is. */
  write(key: string, bytes: Uint8Array, type: string): Promise<boolean>;
}

/** What is looked for; HEIC, too, so that it is reported and not passed over. */
const picture = /\.(jpe?g|jpe|png|webp|avif|tiff?|gif|hei[cf])$/i;
const result = /\.(mask|labels|overlay|cutout)\.png$/i;

export const isPictureKey = (key: string): boolean =>
  picture.test(key) && !result.test(key) && !key.split('/').some((part) => part.startsWith('.'));

/**
 * A store by what a user writes: `s3://bucket/prefix`, or the path of a folder.
 * @throws AtrousError `input`; `unavailable` where S3's client is not installed
 */
export async function openStore(location: string): Promise<Store> {
  if (location.startsWith('s3://')) return (await import('./s3_store.ts')).s3Store(location);
  return (await import('./folder_store.ts')).folderStore(location);
}
