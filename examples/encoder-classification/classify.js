// node classify.js EXAMPLES PICTURE…: EXAMPLES has a folder of pictures for each class; a few pictures are enough
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { argv } from 'node:process';
import { loadEncoder, nearest, normalized } from '@atrous/encoder';

const [examples, ...pictures] = argv.slice(2);
if (pictures.length === 0) throw new Error('usage: node classify.js EXAMPLES PICTURE…');

const encoder = await loadEncoder('@atrous/model-people-small');

/** The mean of the embeddings of a class: of unit length each, so that none counts more. */
async function prototype(folder) {
  const files = (await readdir(folder)).filter((name) => /\.(jpe?g|png|webp)$/i.test(name));
  const embeddings = (await encoder.embed(files.map((name) => join(folder, name)))).map(normalized);
  return embeddings[0].map(
    (_, i) => embeddings.reduce((sum, vector) => sum + vector[i], 0) / embeddings.length,
  );
}

const entries = await readdir(examples, { withFileTypes: true });
const classes = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
const prototypes = [];
for (const name of classes) prototypes.push(await prototype(join(examples, name)));

for (const picture of pictures) {
  const [{ index, similarity }] = nearest(await encoder.embed(picture), prototypes);
  console.log(`${picture}: ${classes[index]} (${similarity.toFixed(3)})`);
}
await encoder.dispose();
