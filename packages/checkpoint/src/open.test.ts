import { tensor } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { memoryBytes } from './bytes.ts';
import { formats } from './formats.ts';
import { formatOf, openCheckpoint } from './open.ts';
import { toSafetensors } from './safetensors.ts';

/** A text stands for its bytes in Latin-1. */
const bytesOf = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const zip = (name: string) =>
  bytesOf(`PK\x03\x04\0\0\x08\x08${'\0'.repeat(18)}${String.fromCharCode(name.length)}\0\x18\0${name}`);

// the first bytes of files that these programs wrote
const files: [name: string, start: Uint8Array, file?: string][] = [
  ['an empty file', bytesOf('')],
  ['a data file of a TensorFlow checkpoint', bytesOf('\0\0\x80?'), 'here/weights.data-00000-of-00001'],
  ['a PyTorch zip', zip('archive/data.pkl')],
  ['a PyTorch zip', zip('model/data/0')], // TorchScript
  ['a Keras archive (.keras)', zip('metadata.json')],
  ['a NumPy archive (.npz)', zip('conv1.npy')],
  ['a zip archive', zip('readme.txt')],
  ['a legacy PyTorch pickle', bytesOf('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.')],
  ['a legacy PyTorch pickle', bytesOf('\x80\x04\x95\x0d\0\0\0\0\0\0\0\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.')],
  ['a Python pickle', bytesOf('\x80\x04\x95\n\0\0\0\0\0\0\0}\x94\x8c\x01a\x94K\x01s.')],
  ['an HDF5 file (Keras)', bytesOf('\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0')],
  ['an HDF5 file (Keras)', bytesOf(`${'\0'.repeat(512)}\x89HDF\r\n\x1a\n`)], // after a user block
  [
    'a TensorFlow checkpoint index',
    bytesOf('\0\0\x17\x08\x01\x1a\x02\x08\x01\0\0\0\x57\xfb\x80\x8b\x24\x75\x47\xdb'),
  ],
  ['a TensorFlow checkpoint state file', bytesOf('model_checkpoint_path: "model.ckpt-1000"\n')],
  ['a TensorFlow SavedModel', bytesOf('\x08\x01\x12\xd2\x84\x07\n')],
  ['a TensorFlow frozen graph', bytesOf('\nK\n\x0bImageTensor\x12\x0bPlaceholder')],
  ['a TensorFlow Lite file', bytesOf('\x1c\0\0\0TFL3\x14\0')],
  ['an ONNX file', bytesOf('\x08\x08\x12\x07pytorch\x1a\x052.1.0')],
  [
    'a shard index',
    bytesOf(
      '{\n  "metadata": {"total_size": 4},\n  "weight_map": {"a": "model-00001-of-00002.safetensors"}}',
    ),
  ],
  ['a TensorFlow.js model.json', bytesOf('{"format": "graph-model", "modelTopology": {"node": []}}')],
  ["a model's config.json", bytesOf('{"formatVersion": 1, "name": "people"}')],
  ['a JSON file', bytesOf('{"message": "Not Found"}')],
  ['a Git LFS pointer', bytesOf('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1\n')],
  ['an HTML page', bytesOf('\n<!DOCTYPE html><html lang="en">')],
  ['an XML document', bytesOf('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>')],
  ['a gzip file', bytesOf('\x1f\x8b\x08\0\0\0\0\0')],
  ['a tar archive', bytesOf(`pickle${'\0'.repeat(251)}ustar`)],
  ['a GGUF file', bytesOf('GGUF\x03\0\0\0')],
  ['a NumPy array (.npy)', bytesOf("\x93NUMPY\x01\0v\0{'descr'")],
];

test.each(files)('%s is told apart', async (name, start, file = 'here/weights') => {
  const bytes = memoryBytes(start, file);
  const format = await formatOf(bytes);
  expect(format?.name).toBe(name);
  const error: Error = await openCheckpoint(bytes).then(
    () => new Error('it was opened'),
    (reason) => reason,
  );
  expect(error).toMatchObject({ name: 'AtrousError', code: 'format' });
  expect(error.message).toMatch(/^here\/weights[^:]*: \w/);
  if (format?.open) return; // its beginning alone is damaged
  expect(error.message).toMatch(/^here\/weights: this is an? .*, which is not read as a checkpoint: \w/);
  expect(error.message).toContain(name);
});

test('every format has an example here', () => {
  const safetensors = 'a safetensors file';
  expect([...new Set(files.map(([name]) => name)), safetensors].sort()).toEqual(
    formats.map(({ name }) => name).sort(),
  );
});

test('safetensors is opened, even where its length looks like a pickle or an ONNX file', async () => {
  for (const size of [0x0280, 0x1208]) {
    const empty = await toSafetensors({ a: tensor('uint8', [0]) });
    const file = new Uint8Array(8 + size).fill(0x20);
    new DataView(file.buffer).setBigUint64(0, BigInt(size), true);
    file.set(empty.subarray(8), 8);
    expect((await openCheckpoint(memoryBytes(file, 'a'))).names).toEqual(['a']);
  }
});

test('what is none of them is said to be no sound safetensors file', async () => {
  const bytes = memoryBytes(bytesOf('I am a checkpoint.'), 'a');
  expect(await formatOf(bytes)).toBeUndefined();
  await expect(openCheckpoint(bytes)).rejects.toThrow('a: not a sound safetensors file: the header claims');
});

test('a safetensors file that is cut off is not taken for another format', async () => {
  const file = await toSafetensors({ a: tensor('float32', [4]) });
  await expect(openCheckpoint(memoryBytes(file.slice(0, 40), 'a'))).rejects.toThrow('it is cut off');
});
