// Label maps and every file format made of them, a JSON document per line, for verify_masks.py.
// node --conditions=@atrous/source scripts/mask_cases.ts COUNT [MODEL PICTURE]...
import {
  addToCoco,
  addToCvat,
  cocoDataset,
  cocoJson,
  cvatDataset,
  cvatXml,
  type LabelMap,
  toGeoJson,
  toLabelMe,
} from '../packages/mask/src/index.ts';
import { onnx } from '../packages/runtime-onnx/src/node.ts';
import { Segmenter } from '../packages/segmenter/src/node.ts';

const [count, ...shipped] = process.argv.slice(2);
const outlines = [0, 1, 2, 5].flatMap((tolerance) => [0, 2].map((smooth) => ({ tolerance, smooth })));
const classesOf = (labels: LabelMap) =>
  [...new Set(labels.data)]
    .sort((a, b) => a - b)
    .map((id) => ({ id, name: id === 0 ? 'background' : `class ${id}`, color: '#808080' }));

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Noise, discs, coarse noise or waves, of 2 to 6 classes. */
function randomLabels(seed: number): LabelMap {
  const random = randomNumbers(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const kind = seed % 4;
  const largest = [8, 24, kind === 0 ? 32 : 64, kind === 0 ? 48 : 120][below(4)];
  const [width, height, classes] = [1 + below(largest), 1 + below(largest), 2 + below(5)];
  const data = new Uint8Array(width * height);
  const discs = Array.from({ length: 4 + below(30) }, () => [
    random() * width,
    random() * height,
    random() * 0.3 * largest,
    below(classes),
  ]);
  const cell = 2 + below(5);
  const coarse = Uint8Array.from(data, () => below(classes));
  const waves = Array.from({ length: 5 }, () => [random() - 0.5, random() - 0.5, random() * 6]);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    if (kind === 0) data[i] = below(classes);
    else if (kind === 1) {
      for (const [left, top, radius, id] of discs) if (Math.hypot(x - left, y - top) < radius) data[i] = id;
    } else if (kind === 2) data[i] = coarse[Math.floor(y / cell) * width + Math.floor(x / cell)];
    else {
      const level = waves.reduce((sum, [a, b, phase]) => sum + Math.sin(a * x + b * y + phase), 0);
      data[i] = Math.min(classes - 1, Math.max(0, Math.floor(((level + 3) / 6) * classes)));
    }
  }
  return { width, height, data };
}

function write(name: string, labels: LabelMap): void {
  const classes = classesOf(labels);
  const cocoOf = (options: Parameters<typeof cocoDataset>[1]) => {
    const dataset = cocoDataset(classes, options);
    addToCoco(dataset, labels, name);
    addToCoco(dataset, labels, `again ${name}`);
    return JSON.parse([...cocoJson(dataset)].join(''));
  };
  const cvatOf = (shapes: 'masks' | 'polygons') => {
    const dataset = cvatDataset(classes, { shapes });
    addToCvat(dataset, labels, name);
    return [...cvatXml(dataset)].join('');
  };
  const { width, height, data } = labels;
  const document = {
    name,
    width,
    height,
    data: Buffer.from(data).toString('base64'),
    outlines: outlines.map((options) => ({
      ...options,
      geojson: toGeoJson(labels, classes, options),
      labelme: toLabelMe(labels, classes, name, options),
    })),
    coco: {
      instances: cocoOf({}),
      classes: cocoOf({ objects: 'classes' }),
      polygons: cocoOf({ polygons: true }),
    },
    cvat: { masks: cvatOf('masks'), polygons: cvatOf('polygons') },
  };
  process.stdout.write(`${JSON.stringify(document)}\n`);
}

for (let seed = 0; seed < Number(count); seed++) write(`random ${seed}`, randomLabels(seed));
for (let i = 0; i < shipped.length; i += 2) {
  const segmenter = await Segmenter.load(shipped[i], { runtimes: [onnx()] });
  const { labels } = await segmenter.segment(shipped[i + 1]);
  write(`${shipped[i]} on ${shipped[i + 1]}`, labels);
  await segmenter.dispose();
}
