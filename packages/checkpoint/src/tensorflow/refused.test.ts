import { expect, test } from 'vitest';
import { memoryBytes } from '../bytes.ts';
import { encodeMessage, type Message } from '../protobuf/test_message.ts';
import { memoryFiles, numbersOf } from '../test_checkpoints.ts';
import { objectGraphKey } from './object_graph.ts';
import { openTensorFlowIndex } from './open_checkpoint.ts';
import { openFrozenGraph } from './open_graph.ts';
import { sliceKey } from './slices.ts';
import { makeTable } from './test_table.ts';

const float = 1;
const text = 7;
const shape = (...extents: number[]): Message => extents.map((extent) => [2, [[1, extent]]]);

/** A checkpoint of these entries, whose one data file has 16 bytes. */
function open(entries: Readonly<Record<string, Message>>, header: Message = [[1, 1]], prefix = 'a') {
  const table = [['', header] as const, ...Object.entries(entries)].map(
    ([key, message]) => [key, encodeMessage(message)] as const,
  );
  const files = memoryFiles({ [`${prefix}.data-00000-of-00001`]: new Uint8Array(16) });
  return openTensorFlowIndex(memoryBytes(makeTable(table), 'a.index'), files);
}
const entry = (
  dtype: number,
  extents: number[],
  offset: number,
  size: number,
  more: Message = [],
): Message => [[1, dtype], [2, shape(...extents)], [4, offset], [5, size], ...more];

test('headers of other checkpoints', async () => {
  await expect(open({}, [[1, [[1, 'w']]]])).rejects.toThrow(
    'it is a checkpoint of version 1, expected version 2',
  );
  await expect(
    open({}, [
      [1, 1],
      [2, 1],
    ]),
  ).rejects.toThrow('whose highest byte comes first');
  await expect(open({}, [[1, 0]])).rejects.toThrow('it has 0 data files');
  await expect(open({}, [[1, 100_000]])).rejects.toThrow('it has 100000 data files');
});

test('entries that do not go with their data', async () => {
  expect((await open({ w: entry(float, [4], 0, 16) })).names).toEqual(['w']);
  await expect(open({ w: entry(float, [4], 0, 12) })).rejects.toThrow(
    'w: its data takes 12 bytes, DT_FLOAT [4] 16',
  );
  await expect(open({ w: entry(float, [4], 4, 16) })).rejects.toThrow('w: its data ends at byte 20');
  await expect(open({ w: entry(float, [4], -4, 16) })).rejects.toThrow('w: its place is -4');
  await expect(open({ w: [[3, 1], ...entry(float, [4], 0, 16)] })).rejects.toThrow(
    'a tensor lies in data file 1, expected one of 1',
  );
  const [v, w] = [entry(float, [3], 0, 12), entry(float, [2], 8, 8)];
  await expect(open({ v, w })).rejects.toThrow('w: its data begins at 8, within the tensor before it');
  const unknown: Message = [
    [1, float],
    [2, [[3, 1]]],
  ];
  await expect(open({ w: unknown })).rejects.toThrow('w: its shape is unknown');
});

test('parts that are not those of their variable', async () => {
  type Slice = [start: number, length: number][];
  const slice = (extents: Slice): Message =>
    extents.map(([start, length]) => [
      1,
      [
        [1, start],
        [2, length],
      ],
    ]);
  const whole = (extents: number[], ...slices: Slice[]): Message => [
    [1, float],
    [2, shape(...extents)],
    ...slices.map((extent) => [7, slice(extent)] as const),
  ];
  const part = (extents: Slice, given: Message) => ({
    [sliceKey(
      'w',
      extents.map(([start, length]) => ({ start, length })),
    )]: given,
  });
  const first = part([[0, 2]], entry(float, [2], 0, 8));
  const second = part([[2, 2]], entry(float, [2], 8, 8));
  expect((await open({ ...first, ...second, w: whole([4], [[2, 2]], [[0, 2]]) })).spec('w').shape).toEqual([
    4,
  ]);
  await expect(open({ ...first, w: whole([4], [[0, 2]], [[2, 2]]) })).rejects.toThrow(
    'w: its part [2] is missing',
  );
  await expect(open({ ...first, w: whole([4], [[0, 2]]) })).rejects.toThrow(
    'w: its parts end at 2, expected 4',
  );
  await expect(open({ ...second, w: whole([4], [[2, 2]]) })).rejects.toThrow(
    'w: its part at 2 has the shape [2]',
  );
  const short = part([[2, 2]], entry(float, [1], 8, 4));
  await expect(open({ ...first, ...short, w: whole([4], [[0, 2]], [[2, 2]]) })).rejects.toThrow(
    'w: its part at 2 has the shape [1], expected [2] at 2',
  );
  const other = part([[2, 2]], entry(3, [2], 8, 8));
  await expect(open({ ...first, ...other, w: whole([4], [[0, 2]], [[2, 2]]) })).rejects.toThrow(
    'w: its parts are of other dtypes',
  );
  const corner: Slice = [
    [0, 1],
    [0, 1],
  ];
  await expect(open({ w: whole([2, 2], corner) })).rejects.toThrow('w: it is in parts along several axes');
  await expect(open({ w: whole([2, 2], [[0, 2]]) })).rejects.toThrow('w: its parts do not have the axes');
});

test('object graphs that are no text', async () => {
  const w = entry(float, [4], 0, 0);
  await expect(open({ [objectGraphKey]: entry(float, [4], 0, 16) })).rejects.toThrow(
    'its object graph is damaged',
  );
  await expect(open({ [objectGraphKey]: entry(text, [], 0, 17) })).rejects.toThrow(
    'its object graph is damaged',
  );
  await expect(open({ [objectGraphKey]: entry(text, [], 0, 16) })).rejects.toThrow(
    'its object graph does not have the length that it says',
  );
  await expect(open({ w })).rejects.toThrow('w: its data takes 0 bytes');
});

const constant = (name: string, tensor: Message): Message => [
  [1, name],
  [2, 'Const'],
  [
    5,
    [
      [1, 'value'],
      [2, [[8, tensor]]],
    ],
  ],
];
const openGraph = (...nodes: Message[]) =>
  openFrozenGraph(memoryBytes(encodeMessage(nodes.map((node) => [1, node])), 'a.pb'));

test('constants that do not have their data', async () => {
  const value: Message = [
    [1, float],
    [2, shape(2)],
  ];
  const raw = (size: number): Message => [...value, [4, new Uint8Array(size)]];
  expect(numbersOf(await (await openGraph(constant('w', raw(8)))).read('w'))).toEqual([0, 0]);
  await expect(openGraph(constant('w', raw(7)))).rejects.toThrow('w: its data takes 7 bytes, DT_FLOAT [2] 8');
  await expect(openGraph(constant('w', raw(8)), constant('w', raw(8)))).rejects.toThrow(
    'w: two nodes have this name',
  );
  await expect(
    openGraph([
      [1, 'w'],
      [2, 'Const'],
    ]),
  ).rejects.toThrow('w: it is a constant without a value');
  await expect(
    openGraph([
      [1, 'w'],
      [2, 'VariableV2'],
    ]),
  ).rejects.toThrow('it has no constants');
  const huge: Message = [
    [1, float],
    [2, shape(1 << 20, 2)],
    [5, new Uint8Array(4)],
  ];
  await expect(openGraph(constant('w', huge))).rejects.toThrow('w: 4 bytes hold its numbers');
  const read = async (list: Uint8Array) => (await openGraph(constant('w', [...value, [5, list]]))).read('w');
  await expect(read(new Uint8Array(6))).rejects.toThrow('w: its list is damaged, expected up to 2 numbers');
  await expect(read(new Uint8Array(12))).rejects.toThrow('w: its list is damaged');
  expect(numbersOf(await read(new Uint8Array(4)))).toEqual([0, 0]);
});
