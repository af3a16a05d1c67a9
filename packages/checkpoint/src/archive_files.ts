import type { ByteSource } from './bytes.ts';
import type { ModelFiles } from './model_files.ts';

/**
 * The files of a tar archive, packed by gzip or not, as those of a folder. Code for it is loaded when it is needed.
 * @throws AtrousError `format`
 */
export async function archiveFiles(bytes: ByteSource): Promise<ModelFiles> {
  return (await import('./tar/open_archive.ts')).archiveFiles(bytes);
}
