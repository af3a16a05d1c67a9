import { expect, test } from 'vitest';
import type { Fail } from '../fail.ts';
import { PickleRecord } from '../pickle/values.ts';
import { findTensors } from './state_dict.ts';
import { UnreadableTensor } from './tensors.ts';

const fail: Fail = (why) => {
  throw new Error(why);
};
const weight = new UnreadableTensor([1], 'a test');
const mapOf = (items: Record<string, unknown>) => new Map(Object.entries(items));

test('names are joined by dots, through dictionaries, lists and objects', () => {
  const record = new PickleRecord('argparse.Namespace');
  record.setState(mapOf({ w: weight, lr: 0.5 }));
  const root = new Map<unknown, unknown>([
    ['a', weight],
    ['b', mapOf({ 'c.d': weight, lists: [5, [weight]] })],
    [0, new Map([[1, weight]])],
    [null, weight],
    ['args', record],
  ]);
  const { tensors, metadata } = findTensors(root, fail);
  expect([...tensors.keys()]).toEqual(['a', 'b.c.d', 'b.lists.1.0', '0.1', 'args.w']);
  expect(metadata).toEqual({ 'args.lr': '0.5' });
});

test('one dictionary under two names gives both, an empty one costs nothing', () => {
  const shared = mapOf({ w: weight });
  let empty = new Map<string, unknown>();
  for (let i = 0; i < 60; i++) empty = mapOf({ a: empty, b: empty });
  expect([...findTensors(mapOf({ a: shared, b: shared, empty }), fail).tensors.keys()]).toEqual([
    'a.w',
    'b.w',
  ]);
});

test('scalars are text, a long one is cut, and the first thousand are kept', () => {
  const scalars = Object.fromEntries(Array.from({ length: 1200 }, (_, i) => [`n${i}`, i]));
  const { metadata } = findTensors(
    mapOf({ big: 2n ** 60n, flag: false, none: null, long: 'x'.repeat(5000), ...scalars, weight }),
    fail,
  );
  expect(metadata).toMatchObject({ big: '1152921504606846976', flag: 'false', n0: '0' });
  expect(metadata.long).toHaveLength(1000);
  expect(Object.keys(metadata)).toHaveLength(1000);
});

test('flags of TorchScript modules are no metadata', () => {
  const module = new PickleRecord('__torch__.Net');
  module.setState(mapOf({ training: true, weight }));
  expect(findTensors(module, fail)).toEqual({ tensors: mapOf({ weight }), metadata: {} });
});

test.each<[what: string, root: unknown, message: string]>([
  ['one tensor', weight, 'one tensor without a name'],
  ['nothing', new Map(), 'holds no tensors'],
  ['a number', 5, 'holds no tensors'],
  ['one name twice', mapOf({ 'a.b': weight, a: mapOf({ b: weight }) }), 'two tensors are named a.b'],
  [
    'what holds itself',
    (() => {
      const list: unknown[] = [];
      list.push(list);
      return list;
    })(),
    'nested deeper than 64',
  ],
  ['too many values', mapOf({ a: Array(2_000_000).fill(0) }), 'more than 2000000 values'],
])('%s is refused', (_, root, message) => {
  expect(() => findTensors(root, fail)).toThrow(message);
});
