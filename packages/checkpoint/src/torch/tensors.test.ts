import { expect, test } from 'vitest';
import type { Fail } from '../fail.ts';
import { PickleGlobal } from '../pickle/values.ts';
import { torchDTypes } from './dtypes.ts';
import { torchGlobal } from './globals.ts';
import { readStorageId } from './storage_id.ts';
import { makeTensor, TorchStorage } from './tensors.ts';

const fail: Fail = (why) => {
  throw new Error(why);
};
const float32 = torchDTypes.get('float32')!;
const twelve = new TorchStorage('0', float32, 48);
const untyped = new TorchStorage('0', null, 48);

test.each<[what: string, args: unknown[]]>([
  ['all of a storage', [twelve, 0, [3, 4], [4, 1]]],
  ['its end', [twelve, 10, [2], [1]]],
  ['steps beyond an axis of one element', [twelve, 11, [1], [99]]],
  ['nothing, wherever it is', [twelve, 99, [2 ** 40, 0], [1, 1]]],
  ['an element many times', [twelve, 11, [1024, 1024], [0, 0]]],
  ['one number', [twelve, 11, [], []]],
])('a tensor may be %s', (_, args) => {
  expect(makeTensor(args, fail)).toMatchObject({
    dtype: float32,
    offset: args[1],
    shape: args[2],
    stride: args[3],
  });
});

test.each<[args: unknown[], message: string]>([
  [['0', 0, [3], [1]], 'made of "0", expected a storage'],
  [[untyped, 0, [3], [1]], 'made of an untyped storage'],
  [[twelve, -1, [3], [1]], 'begins at -1'],
  [[twelve, 0, 'abc', [1]], 'shape "abc" is no list of whole numbers'],
  [[twelve, 0, [1.5], [1]], 'shape [1.5] is no list'],
  [[twelve, 0, [3], [-1]], 'stride [-1] is no list'],
  [[twelve, 0, Array(65).fill(1), [1]], 'is no list of whole numbers'],
  [[twelve, 0, [3, 4], [1]], 'differ in length'],
  [[twelve, 0, [13], [1]], 'ends at element 13, its storage has 12'],
  [[twelve, 10, [3], [1]], 'ends at element 13'],
  [[twelve, 0, [3, 4], [1, 4]], 'ends at element 15'],
  [[twelve, 12, [], []], 'ends at element 13'],
  [[twelve, 0, [1024, 1025], [0, 0]], 'has 1049600 elements, its storage 12'],
  [[twelve, 0, Array(64).fill(2 ** 53 - 1), Array(64).fill(0)], 'has Infinity elements'],
])('a tensor %j is refused: %s', (args, message) => {
  expect(() => makeTensor(args, fail)).toThrow(message);
});

test('every element of a storage counts in the size of its dtype', () => {
  const halves = new TorchStorage('0', torchDTypes.get('float16')!, 48);
  expect(makeTensor([halves, 0, [24], [1]], fail).shape).toEqual([24]);
  expect(makeTensor([untyped, 0, [6], [1]], fail, torchDTypes.get('float64')!).shape).toEqual([6]);
  expect(() => makeTensor([untyped, 0, [7], [1]], fail, torchDTypes.get('float64')!)).toThrow(
    'its storage has 6',
  );
});

const float = new PickleGlobal('torch.FloatStorage');

test('a storage is known by its class, key and count; an older one may be a part of another', () => {
  expect(readStorageId(['storage', float, '7', 'cpu', 3], fail)).toEqual(new TorchStorage('7', float32, 12));
  const cuda = new PickleGlobal('torch.cuda.FloatStorage');
  expect(readStorageId(['storage', cuda, '7', 'cuda:0', 3, null], fail)).toEqual(
    new TorchStorage('7', float32, 12),
  );
  const bytes = new PickleGlobal('torch.storage.UntypedStorage');
  expect(readStorageId(['storage', bytes, '7', 'cpu', 3], fail)).toEqual(new TorchStorage('7', null, 3));
  const part = readStorageId(['storage', float, '7', 'cpu', 6, ['8', 2, 4]], fail);
  expect(part).toEqual(new TorchStorage('7', float32, 24, 8, 16));
});

test.each<[id: unknown, message: string]>([
  ['storage', 'refers to "storage", expected a storage'],
  [null, 'refers to null, expected a storage'],
  [['module', float, 'a.py', ''], 'holds a module with its source code'],
  [['storage', 'FloatStorage', '7', 'cpu', 3], 'expected a storage'],
  [['storage', new PickleGlobal('torch.Size'), '7', 'cpu', 3], 'expected a storage'],
  [['storage', float, 7, 'cpu', 3], 'expected a storage'],
  [['storage', float, '7', 'cpu', -3], 'expected a storage'],
  [['other', float, '7', 'cpu', 3], 'expected a storage'],
  [['storage', float, '7', 'cpu', 6, ['8', 3, 4]], 'of a storage of 6 elements'],
  [['storage', float, '7', 'cpu', 6, 'all'], 'of a storage of 6 elements'],
])('what %j refers to is refused: %s', (id, message) => {
  expect(() => readStorageId(id, fail)).toThrow(message);
});

const rebuild = torchGlobal('torch._utils._rebuild_tensor_v2');

test.each<[name: string, args: unknown[], message: string]>([
  ['torch._utils._rebuild_parameter', ['a'], 'a parameter is made of "a"'],
  ['torch._utils._rebuild_tensor_v3', [untyped, 0, [1], [1], false, null, 'float32'], 'dtype is "float32"'],
  ['torch._utils._rebuild_tensor_v3', [untyped, 0, [1], [1], false, null, float], 'expected one of PyTorch'],
  ['torch._tensor._rebuild_from_type_v2', [rebuild, float, []], 'of the class torch.FloatStorage'],
  ['torch._tensor._rebuild_from_type_v2', [rebuild, torchGlobal('torch.Tensor'), 1], 'cannot be read'],
  [
    'torch._tensor._rebuild_from_type_v2',
    [torchGlobal('builtins.list'), torchGlobal('torch.Tensor'), []],
    'cannot be read',
  ],
  ['torch._utils._rebuild_sparse_tensor', [null, []], 'shape undefined is no list'],
  ['torch.Size', ['a'], 'torch.Size "a" is no list'],
])('%s of what it cannot take is refused', (name, args, message) => {
  expect(() => torchGlobal(name)?.make?.(args, fail)).toThrow(message);
});
