import { existsSync, readFileSync } from 'node:fs';
import { sharedFolder } from '@atrous/golden';
import { decodeLabelPng } from '@atrous/mask';
import { onnx } from '@atrous/runtime-onnx';
import { expect, test } from 'vitest';
import { loadEncoder, nearest } from './node.ts';

const training = `${sharedFolder}training/`;
const weights = `${training}keras-xception-imagenet-blocks1-13.safetensors`;
const coco = `${training}coco-free/`;
const isHere = sharedFolder !== null && existsSync(weights) && existsSync(coco);

/** Objects of less than this share of a picture are not what it shows. */
const leastShare = 0.05;

/** The class with the most pixels, and its share; 0 is the background, 255 is not counted. */
function mainClass(labels: ArrayLike<number>): { id: number; share: number } {
  const counts = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) counts.set(labels[i], (counts.get(labels[i]) ?? 0) + 1);
  const objects = [...counts].filter(([id]) => id !== 0 && id !== 255);
  const [id, count] = objects.toSorted((a, b) => b[1] - a[1])[0] ?? [0, 0];
  return { id, share: count / labels.length };
}

/** Pictures whose labels carry all classes, with their main class where it is at least two pictures' and 5 % of each. */
function labelledPictures(): { path: string; id: number }[] {
  const rows = readFileSync(`${coco}LICENCES.tsv`, 'utf8').trim().split('\n').slice(1);
  const full = rows.map((row) => row.split('\t')).filter(([, labels]) => labels === 'full');
  const found = full.flatMap(([coco_id]) => {
    const name = coco_id.padStart(12, '0');
    const labels = decodeLabelPng(readFileSync(`${coco}labelled/labels/${name}.png`), 'grey');
    const { id, share } = mainClass(labels.data);
    return share > leastShare ? [{ path: `${coco}labelled/images/${name}.jpg`, id }] : [];
  });
  return found.filter(({ id }) => found.filter((other) => other.id === id).length > 1);
}

test.skipIf(!isHere)(
  'pictures that are near each other show the same: COCO, Xception without its head',
  async () => {
    const pictures = labelledPictures();
    expect(pictures.length).toBeGreaterThan(80);
    const encoder = await loadEncoder(weights, { runtimes: [onnx()] });
    expect([encoder.network, encoder.source, encoder.classes]).toEqual(['xception-block13', 'keras', []]);
    const embeddings = await encoder.embed(pictures.map(({ path }) => path));
    await encoder.dispose();
    const same = embeddings.filter((embedding, i) => {
      const [neighbour] = nearest(embedding, embeddings, 2).filter(({ index }) => index !== i);
      return pictures[neighbour.index].id === pictures[i].id;
    });
    expect(same.length / pictures.length).toBeGreaterThan(0.6); // 59 of 85
  },
  300_000,
);
