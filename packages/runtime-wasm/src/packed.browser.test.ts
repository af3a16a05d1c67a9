import { filledModel, goldenImage } from '@atrous/golden';
import {
  buildGraph,
  type Compute,
  conv2d,
  imageInput,
  type Model,
  packedFolder,
  separableConv2d,
} from '@atrous/graph';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wasm } from './browser.ts';

/** 3 MB of weights: more than one piece. */
const graph = buildGraph(imageInput(), (root, { image }) => {
  let x = conv2d(root.child('stem'), image, { channels: 728 });
  const options = { channels: 728, epsilon: 1e-3, norm: 'both', between: 'none' } as const;
  x = separableConv2d(root.child('conv'), x, options);
  return { logits: x };
});
const image = goldenImage([1, 9, 7, 3]);

/** A model that counts what is read of it. */
function counted(id: string | undefined = 'weights of the test'): { model: Model; reads: () => number } {
  const { weights } = filledModel(graph);
  let reads = 0;
  return {
    reads: () => reads,
    model: {
      graph,
      weights: {
        ...weights,
        ...(id && { id }),
        read(name) {
          reads++;
          return weights.read(name);
        },
      },
    },
  };
}

/** Threads that were just ended may hold a file for a moment. */
const patience = { timeout: 20_000 };

const clear = () =>
  expect
    .poll(async () => {
      const root = await navigator.storage.getDirectory();
      await root.removeEntry(packedFolder, { recursive: true }).catch(() => {});
      return files();
    }, patience)
    .toEqual([]);
beforeEach(clear);
afterEach(clear);

/** The files that are kept, none while one is being written. */
async function files(): Promise<FileSystemFileHandle[]> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(packedFolder, { create: true });
  const all: FileSystemFileHandle[] = [];
  for await (const entry of folder.values()) all.push(entry as FileSystemFileHandle);
  return all;
}

/** The text at the beginning of a file that was written whole. */
async function head(file: FileSystemFileHandle): Promise<string> {
  return (await (await file.getFile()).slice(0, 1024).text()).trim();
}

const bytesOf = async (file: FileSystemFileHandle) =>
  new Uint8Array(await (await file.getFile()).arrayBuffer());
const areEqual = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

async function written(): Promise<FileSystemFileHandle> {
  await expect
    .poll(async () => {
      const [file] = await files();
      return file && (await head(file));
    }, patience)
    .toContain('"key"');
  return (await files())[0];
}

async function change(file: FileSystemFileHandle, at: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  await expect // until the thread that wrote it has let it go
    .poll(async () => {
      try {
        const stream = await file.createWritable({ keepExistingData: true });
        await stream.write({ type: 'write', position: at, data: bytes });
        await stream.close();
        return true;
      } catch {
        return false;
      }
    }, patience)
    .toBe(true);
}

/** Loads, runs, and says how many weights were read. */
async function use(how: { threads?: number; compute?: Compute; keepPacked?: boolean; id?: string } = {}) {
  const { threads = 1, compute = 'float32', keepPacked = true } = how;
  const { model, reads } = counted(how.id);
  const session = await wasm({ threads }).load(model, { compute, keepPacked });
  const { logits } = await session.run({ image });
  return { reads: reads(), logits, session };
}

describe.each(['float32', 'int8'] as const)('packed weights in %s', (compute) => {
  test.each([1, 2])('are kept, and %d thread(s) read no weights the next time', async (threads) => {
    const first = await use({ threads, compute });
    expect(first.reads).toBeGreaterThan(0);
    await written();
    await first.session.dispose();
    for (const count of [threads, 3 - threads]) {
      const second = await use({ threads: count, compute });
      expect(second.reads).toBe(0);
      expect(second.logits).toEqual(first.logits);
      await second.session.dispose();
    }
  });
});

const damages: Readonly<Record<string, (file: FileSystemFileHandle) => Promise<void>>> = {
  'one bit of a weight': async (file) => {
    const at = (await file.getFile()).size - 1_000_001;
    const [byte] = new Uint8Array(await (await file.getFile()).slice(at, at + 1).arrayBuffer());
    await change(file, at, Uint8Array.of(byte ^ 1));
  },
  'weights that were swapped': async (file) => {
    const words = new Uint8Array(await (await file.getFile()).slice(8192, 8200).arrayBuffer());
    await change(file, 8192, Uint8Array.from([...words.slice(4), ...words.slice(0, 4)]));
  },
  'a head of another version': async (file) => {
    const text = await head(file);
    await change(file, 0, new TextEncoder().encode(text.replace(/"key":"..../, '"key":"0000')));
  },
  'a head that is none': (file) => change(file, 0, new Uint8Array(1024)),
  'an end that is missing': async (file) => {
    const stream = await file.createWritable({ keepExistingData: true });
    await stream.truncate((await file.getFile()).size - 4);
    await stream.close();
  },
};

test.each(Object.entries(damages))('%s: weights are read and the file is replaced', async (_name, damage) => {
  const first = await use();
  const file = await written();
  await first.session.dispose();
  const whole = await bytesOf(file);
  await damage(file);
  expect(areEqual(await bytesOf(file), whole)).toBe(false);
  const second = await use();
  expect(second.reads).toBe(first.reads);
  expect(second.logits).toEqual(first.logits);
  await expect.poll(async () => areEqual(await bytesOf(file), whole), patience).toBe(true);
  await second.session.dispose();
  const third = await use();
  expect(third.reads).toBe(0);
  expect(third.logits).toEqual(first.logits);
  await third.session.dispose();
});

test('other weights and other ways to compute have files of their own', async () => {
  const first = await use();
  await written();
  const others = [await use({ id: 'other weights' }), await use({ compute: 'int8' })];
  for (const { reads } of others) expect(reads).toBeGreaterThan(0);
  await expect
    .poll(async () => (await Promise.all((await files()).map(head))).filter(Boolean).length, patience)
    .toBe(3);
  for (const { session } of [first, ...others]) await session.dispose();
});

test.each([
  ['nobody asked for it', { keepPacked: false }],
  ['nobody knows what the weights are', { id: '' }],
])('nothing is kept where %s', async (_why, how) => {
  const { session, reads } = await use(how);
  expect(reads).toBeGreaterThan(0);
  await session.dispose();
  expect(await files()).toEqual([]);
});

test('while another page has the file, weights are read', async () => {
  const first = await use();
  const file = await written();
  await first.session.dispose();
  let stream: FileSystemWritableFileStream | undefined;
  await expect
    .poll(async () => {
      stream = await file.createWritable({ keepExistingData: true }).catch(() => undefined);
      return stream;
    }, patience)
    .toBeTruthy();
  const second = await use();
  expect(second.logits).toEqual(first.logits);
  await second.session.dispose();
  await stream!.abort();
});
