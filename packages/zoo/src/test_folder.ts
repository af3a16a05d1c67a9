import { blobFiles } from './files.ts';
import type { ModelFolder } from './model_folder.ts';
import type { FileSink } from './save.ts';

/** A model folder in memory: what its sink was given, its files have. */
export function memoryFolder(): { readonly sink: FileSink; files(): ModelFolder } {
  const kept: File[] = [];
  return {
    sink: {
      async write(name, pieces) {
        const parts: BlobPart[] = [];
        for await (const piece of pieces) parts.push(piece.slice());
        kept.push(new File(parts, name));
      },
    },
    files: () => blobFiles(kept),
  };
}
