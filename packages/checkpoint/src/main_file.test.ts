import { expect, test } from 'vitest';
import { filesBeside, mainFile } from './main_file.ts';
import { memoryFiles } from './test_checkpoints.ts';

const chosen: [names: string[], main: string][] = [
  [
    ['model.ckpt.index', 'model.ckpt.data-00000-of-00001', 'frozen_inference_graph.pb'],
    'frozen_inference_graph.pb',
  ],
  [
    ['model.ckpt.index', 'model.ckpt.data-00000-of-00001', 'model.ckpt.meta', 'checkpoint'],
    'model.ckpt.index',
  ],
  [
    ['model-00001-of-00002.safetensors', 'model.safetensors.index.json', 'model-00002-of-00002.safetensors'],
    'model.safetensors.index.json',
  ],
  [['group1-shard1of1.bin', 'model.json'], 'model.json'],
  [['config.json', 'pytorch_model.bin', 'model.safetensors', 'README.md'], 'model.safetensors'],
  [['config.json', 'pytorch_model.bin'], 'pytorch_model.bin'],
  [
    ['saved_model.pb', 'variables/variables.index', 'variables/variables.data-00000-of-00001'],
    'variables/variables.index',
  ],
  [['model.onnx', 'model.onnx_data'], 'model.onnx'],
  [['.DS_Store', '__MACOSX/a.pth', 'a.pth'], 'a.pth'],
  [['whatever'], 'whatever'],
];

test.each(chosen)('of %j, %s is opened', (names, main) => {
  expect(mainFile(names, 'here')).toBe(main);
  expect(mainFile(names.toReversed(), 'here')).toBe(main);
});

const refused: [names: string[], message: string][] = [
  [
    ['model-00001-of-00002.safetensors'],
    'here: model-00001-of-00002.safetensors is shard 1 of 2; their index',
  ],
  [['pytorch_model-00002-of-00003.bin', 'config.json'], 'ends in .bin.index.json) is missing'],
  [['group1-shard1of3.bin', 'group1-shard2of3.bin'], 'whose model.json is missing'],
  [['a.h5', 'b.h5'], 'several checkpoints: a.h5, b.h5'],
  [['a.txt', 'config.json'], 'none of its files is a checkpoint: a.txt, config.json'],
  [[], 'none of its files is a checkpoint: no files'],
];

test.each(refused)('%j: what is missing is said', (names, message) => {
  expect(() => mainFile(names, 'here')).toThrow(message);
});

test('files beside one have names from there', async () => {
  const files = memoryFiles({
    'a/one': Uint8Array.of(1),
    'a/b/two': Uint8Array.of(2),
    three: Uint8Array.of(3),
  });
  const beside = filesBeside(files, 'a/one');
  expect(beside.names).toEqual(['one', 'b/two']);
  expect(await (await beside.open('b/two'))?.read(0, 1)).toEqual(Uint8Array.of(2));
  expect(await beside.open('three')).toBeUndefined();
});
