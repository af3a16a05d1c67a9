import { expect, test } from 'vitest';
import { blobBytes } from '../bytes.ts';
import { openCheckpoint } from '../open.ts';
import { readAll } from '../safetensors.ts';

const open = async (name: string) => {
  const response = await fetch(new URL(`../../fixtures/${name}`, import.meta.url));
  return openCheckpoint(blobBytes(await response.blob(), name));
};

test.each(['keras_layers.h5', 'keras_layers.keras', 'keras_layers_old.keras'])(
  '%s, dropped on a page, is read as it is in Node',
  async (name) => {
    expect(await readAll(await open(name))).toEqual(await readAll(await open('keras_layers.safetensors')));
  },
);
