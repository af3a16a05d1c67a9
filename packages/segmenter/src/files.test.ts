import { cutOut, decodeLabelPng, encodeIdPng, toGeoJson } from '@atrous/mask';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FileFormat, type FileOptions, fileFormats, segmentToFiles } from './files.ts';
import { Segmenter } from './node.ts';
import type { Pieces } from './png_pieces.ts';

const [width, height] = [64, 48];
const picture = { width, height, data: Uint8Array.from({ length: width * height * 4 }, (_, i) => i | 3) };

let segmenter: Segmenter;
beforeAll(async () => {
  const model = new URL('../../golden/models/quarter/', import.meta.url);
  segmenter = await Segmenter.load(model, { threads: 1, runtime: 'wasm' });
});
afterAll(() => segmenter.dispose());

async function bytesOf(pieces: Pieces): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

describe('one table of formats', () => {
  test('each makes a file that is what its type says', async () => {
    const formats = Object.keys(fileFormats) as FileFormat[];
    const found = await segmentToFiles(segmenter, picture, formats);
    const starts: Record<string, RegExp> = {
      'image/png': /^\x89PNG/,
      'application/json': /^\{/,
      'application/geo+json': /^\{"type":"FeatureCollection"/,
      'image/svg+xml': /^<svg /,
      'text/csv; charset=utf-8': /^image,id,class/,
      'application/xml': /^<\?xml/,
    };
    for (const format of formats) {
      const file = await bytesOf(found.encode(format, 'a,b.png'));
      expect(file.toString('latin1'), format).toMatch(starts[fileFormats[format].type]);
    }
    const [mask, labels, geojson] = await Promise.all(
      (['mask', 'labels', 'geojson'] as const).map((format) => bytesOf(found.encode(format, 'a.png'))),
    );
    expect(decodeLabelPng(mask, 'mask').data).toEqual(found.labels.data);
    expect(decode(labels)).toEqual(decode(encodeIdPng(found.labels)));
    expect(JSON.parse(geojson.toString())).toEqual(toGeoJson(found.labels, found.classes));
    expect((await bytesOf(found.encode('csv', 'a,b.png'))).toString()).toContain('"a,b.png",0,sky');
    expect(JSON.parse((await bytesOf(found.encode('coco', 'a.png'))).toString()).images).toEqual([
      { id: 1, file_name: 'a.png', width, height },
    ]);
  });

  test('options of a format change its file, and those of others do not', async () => {
    const all = {
      opacity: 0.1,
      outline: true,
      tolerance: 3,
      smooth: 2,
      objects: 'classes',
      polygons: true,
    } as const;
    // a disc and two bars on a ground
    const data = Uint8Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      if ((x - 20) ** 2 + (y - 20) ** 2 < 150) return 1;
      return x > 40 && x % 10 < 5 ? 2 : 0;
    });
    const classes = ['ground', 'disc', 'bar'].map((name, id) => ({ id, name, color: `#00000${id}` }));
    const labels = { width, height, data };
    const found = { picture, labels, classes, hidden: [], kept: [], name: 'a.png' };
    for (const format of (Object.keys(fileFormats) as FileFormat[]).filter((name) => name !== 'cutout')) {
      const encode = (options: FileOptions) => bytesOf(fileFormats[format].encode(found, options));
      const heeded: readonly string[] = fileFormats[format].options;
      const only = (keep: boolean) =>
        Object.fromEntries(Object.entries(all).filter(([name]) => heeded.includes(name) === keep));
      const plain = await encode({});
      expect(plain.equals(await encode(only(false))), format).toBe(true);
      if (heeded.length > 0) expect(plain.equals(await encode(only(true))), format).toBe(false);
    }
  });
});

test('a cut-out keeps classes by name, id, and ids that are text', async () => {
  const options = { hardEdges: true, classes: ['sky', 1, '2'] };
  const { encode, labels } = await segmentToFiles(segmenter, picture, ['cutout'], options);
  const { data } = decode(await bytesOf(encode('cutout', 'a.png')));
  expect(Buffer.from(data as Uint8Array)).toEqual(
    Buffer.from(cutOut({ ...picture }, labels, [0, 1, 2]).data as Uint8Array),
  );
  await expect(segmentToFiles(segmenter, picture, ['cutout'], { classes: ['tree!'] })).rejects.toThrow(
    'unknown class "tree!": expected one of sky, ',
  );
});

test('what is unknown is not drawn over', async () => {
  const options = { minConfidence: 0.999, opacity: 1 };
  const { encode, labels } = await segmentToFiles(segmenter, picture, ['overlay'], options);
  const at = labels.data.indexOf(255);
  const { data } = decode(await bytesOf(encode('overlay', 'a.png')));
  expect(at).toBeGreaterThanOrEqual(0);
  expect([...data.slice(4 * at, 4 * at + 4)]).toEqual([...picture.data.slice(4 * at, 4 * at + 4)]);
});
