// Teaches a linear classifier on embeddings, from a folder with a folder of pictures per class, and tries it on another:
// node linear_probe.ts MODEL TRAIN TEST
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Encoder, loadEncoder } from '@atrous/encoder';
import { type LinearProbe, trainProbe } from './ridge.ts';

interface LabelledPicture {
  readonly path: string;
  readonly label: string;
}

/** `cats/1.jpg`: a picture of the class `cats`. */
async function labelledPictures(folder: string): Promise<LabelledPicture[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const classes = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const lists = classes.map(async (label) => {
    const names = (await readdir(join(folder, label))).filter((name) => /\.(jpe?g|png|webp)$/i.test(name));
    return names.map((name) => ({ path: join(folder, label, name), label }));
  });
  return (await Promise.all(lists)).flat();
}

/** A linear classifier of the classes of a folder. */
export async function teach(encoder: Encoder, folder: string): Promise<LinearProbe> {
  const pictures = await labelledPictures(folder);
  const embeddings = await encoder.embed(pictures.map(({ path }) => path));
  return trainProbe(
    embeddings,
    pictures.map(({ label }) => label),
  );
}

/** The share of a folder's pictures whose class is found. */
export async function score(encoder: Encoder, probe: LinearProbe, folder: string): Promise<number> {
  const pictures = await labelledPictures(folder);
  const embeddings = await encoder.embed(pictures.map(({ path }) => path));
  const right = embeddings.filter((embedding, i) => probe.predict(embedding) === pictures[i].label);
  return right.length / pictures.length;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const [model, train, test] = argv.slice(2);
  const encoder = await loadEncoder(model);
  const probe = await teach(encoder, train);
  console.log(
    `${probe.classes.join(', ')}: ${(100 * (await score(encoder, probe, test))).toFixed(1)} % right`,
  );
  await encoder.dispose();
}
