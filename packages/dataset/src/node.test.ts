import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeLabelPng, pascalVoc } from '@atrous/mask';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pairFolders, pairsOfList, readLabels, withCocoLabels } from './node.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-dataset-'));
  await mkdir(join(folder, 'pictures'));
  await mkdir(join(folder, 'labels'));
  const labels = encodeLabelPng({ width: 2, height: 1, data: Uint8Array.of(3, 15) }, pascalVoc);
  await writeFile(join(folder, 'pictures/a.jpg'), '');
  await writeFile(join(folder, 'labels/a.png'), labels);
  await writeFile(join(folder, 'list.txt'), 'pictures/a.jpg\tlabels/a.png\n');
  await writeFile(join(folder, 'empty.txt'), '# nothing\n');
});
afterAll(() => rm(folder, { recursive: true }));

test('folders and a list give the same pairs, whose labels are read', async () => {
  const pairs = await pairFolders(join(folder, 'pictures'), join(folder, 'labels'));
  expect(pairs).toEqual([{ picture: join(folder, 'pictures/a.jpg'), truth: join(folder, 'labels/a.png') }]);
  expect(await pairsOfList(join(folder, 'list.txt'))).toEqual(pairs);
  expect([...(await readLabels(pairs[0])).data]).toEqual([3, 15]);
});

test('a COCO file in place of label files', async () => {
  const coco = (file_name: string) =>
    JSON.stringify({
      images: [{ id: 1, file_name, width: 2, height: 1 }],
      categories: [{ id: 5, name: 'car' }],
      annotations: [{ image_id: 1, category_id: 5, segmentation: { size: [1, 2], counts: [1, 1] } }],
    });
  await writeFile(join(folder, 'coco.json'), coco('train/a.jpg'));
  const { pairs, labels } = await withCocoLabels(join(folder, 'pictures'), join(folder, 'coco.json'));
  expect(pairs).toEqual([{ picture: join(folder, 'pictures/a.jpg'), truth: join(folder, 'coco.json') }]);
  expect([...(await labels(pairs[0])).data]).toEqual([0, 5]);
  await writeFile(join(folder, 'other.json'), coco('b.jpg'));
  await expect(withCocoLabels(join(folder, 'pictures'), join(folder, 'other.json'))).rejects.toThrow(
    '1 pictures are not listed in',
  );
  await expect(withCocoLabels(folder, join(folder, 'other.json'))).rejects.toThrow('no JPEG, PNG or WebP');
});

test('what is missing is named', async () => {
  const at = (name: string) => join(folder, name);
  await expect(pairFolders(at('none'), at('labels'))).rejects.toMatchObject({ code: 'not-found' });
  await expect(pairFolders(folder, at('labels'))).rejects.toThrow(
    `${folder}: no JPEG, PNG or WebP pictures in it`,
  );
  const ending = pairFolders(at('pictures'), at('labels'), { pictureSuffix: '_x' });
  await expect(ending).rejects.toThrow('pictures in it whose names end in "_x"');
  await expect(pairFolders(at('pictures'), at('pictures'))).rejects.toThrow(
    `1 pictures have no labels in ${at('pictures')}`,
  );
  await expect(pairsOfList(at('empty.txt'))).rejects.toThrow('empty.txt: lists no pictures');
  await expect(readLabels({ picture: 'a', truth: at('gone.png') })).rejects.toMatchObject({
    code: 'not-found',
  });
  await expect(readLabels({ picture: 'a', truth: at('pictures/a.jpg') })).rejects.toThrow('a.jpg');
});
