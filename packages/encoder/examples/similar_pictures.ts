// Finds the pictures of a folder that look most like one: node similar_pictures.ts MODEL FOLDER PICTURE [COUNT]
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Encoder, loadEncoder, nearest } from '@atrous/encoder';

/** A picture of a folder, and how much it looks like the one asked about: 1 is the same. */
export interface SimilarPicture {
  readonly path: string;
  readonly similarity: number;
}

/** The pictures of a folder, most alike first. */
export async function findSimilar(
  encoder: Encoder,
  folder: string,
  picture: string,
  count = 5,
): Promise<SimilarPicture[]> {
  const names = (await readdir(folder)).filter((name) => /\.(jpe?g|png|webp)$/i.test(name));
  const paths = names.map((name) => join(folder, name));
  const [wanted, ...embeddings] = await encoder.embed([picture, ...paths]);
  return nearest(wanted, embeddings, count).map(({ index, similarity }) => ({
    path: paths[index],
    similarity,
  }));
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const [model, folder, picture, count] = argv.slice(2);
  const encoder = await loadEncoder(model);
  for (const { path, similarity } of await findSimilar(encoder, folder, picture, Number(count ?? 5)))
    console.log(similarity.toFixed(3), path);
  await encoder.dispose();
}
