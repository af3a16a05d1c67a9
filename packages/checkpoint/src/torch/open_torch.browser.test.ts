import { expect, test } from 'vitest';
import { blobBytes } from '../bytes.ts';
import { fileListFiles } from '../model_files.ts';
import { openCheckpoint } from '../open.ts';
import { readAll } from '../safetensors.ts';

const fixtures = new URL('../../fixtures/torch.safetensors', import.meta.url);

/** A file of `fixtures/` as somebody would drop it. */
async function dropped(name: string): Promise<File> {
  const answer = await fetch(new URL(name, fixtures));
  expect(answer.ok, name).toBe(true);
  return new File([await answer.arrayBuffer()], name.slice(name.lastIndexOf('/') + 1));
}

const open = async (name: string) => openCheckpoint(blobBytes(await dropped(name), name));

test('files that are dropped give the same tensors as on disk: zip, deflated, legacy', async () => {
  const expected = await readAll(await open('torch.safetensors'));
  for (const name of ['torch_zip.pth', 'torch_deflated.pth', 'torch_legacy.pth'])
    expect(await readAll(await open(name)), name).toEqual(expected);
});

test('shards are found among files that were dropped together', async () => {
  const names = ['pytorch_model.bin.index.json', ...[1, 2].map((i) => `pytorch_model-0000${i}-of-00002.bin`)];
  const [index, ...shards] = await Promise.all(names.map((name) => dropped(`shards/${name}`)));
  const files = fileListFiles([index, ...shards]);
  const checkpoint = await openCheckpoint(blobBytes(index, index.name), { files });
  expect(await readAll(checkpoint)).toEqual(await readAll(await open('torch.safetensors')));
});
