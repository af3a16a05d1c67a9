import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatClassGroups, idsOfGroups, ownGroups, parseClassGroups } from './class_groups.ts';
import { classTable, ignoredPixel, ownTable, remap, unmapped } from './class_table.ts';

const name = fc.stringMatching(/^[a-z][a-z -]{0,6}[a-z]$/);
/** Classes with ids, none twice. */
const groups = fc
  .tuple(
    fc.uniqueArray(name, { minLength: 2, maxLength: 5 }),
    fc.uniqueArray(fc.nat(255), { minLength: 10, maxLength: 20 }),
  )
  .map(([names, ids]) =>
    names.map((own, i) => ({
      name: own,
      members: ids.filter((_, k) => k % names.length === i).map(String),
    })),
  );

test('what is written is read', () => {
  fc.assert(
    fc.property(groups, (given) => {
      expect(parseClassGroups(formatClassGroups(given))).toEqual(given);
    }),
  );
});

test('a table takes each id to its class, and no other id to any', () => {
  fc.assert(
    fc.property(groups, (given) => {
      const { table } = classTable(given);
      const ids = idsOfGroups(given).map((own) => own!);
      ids.forEach((own, i) => {
        for (const id of own) expect(table[id]).toBe(i);
      });
      const mapped = table.reduce((count, found) => count + (found === unmapped ? 0 : 1), 0);
      expect(mapped).toBe(ids.flat().length);
    }),
    { numRuns: 30 },
  );
});

test('remapping back gives the ids again', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200), { minLength: 3, maxLength: 3 }), (ids) => {
      const there = classTable(ids.map((id, i) => ({ name: `c${i}`, members: [String(id)] })));
      const back = { table: Int32Array.from(ids), expected: '' };
      const labels = { width: 3, height: 1, data: Uint8Array.from(ids) };
      expect(remap(remap(labels, there, 255, 'x'), back, 255, 'x')).toEqual(labels);
    }),
    { numRuns: 30 },
  );
});

describe('the syntax', () => {
  test('names alone are ids from 0; spaces do not count', () => {
    expect(parseClassGroups(' sky, ground ')).toEqual(ownGroups(['sky', 'ground']));
    expect(parseClassGroups('sky = 0 + 7 , ground=*')).toEqual([
      { name: 'sky', members: ['0', '7'] },
      { name: 'ground', members: ['*'] },
    ]);
  });

  test.each([
    ['a=1', 'Expected at least two classes'],
    ['a=1,b', '"b": expected NAME=ID or NAME=ID+ID'],
    ['a=1,b=', '"b=": expected NAME=ID'],
    ['a=1,b=2+', '"b=2+": expected NAME=ID'],
    ['a=1,=2', '"=2": expected NAME=ID'],
    ['a=1,a=2', 'Duplicate class name or id'],
    ['a=1,b=1', 'Duplicate class name or id'],
    ['a=*,b=*', 'Duplicate class name or id'],
  ])('%s is an error', (text, message) => {
    expect(() => parseClassGroups(text)).toThrow(message);
  });
});

describe('members', () => {
  const names = ['background', 'hair', 'skin', '7'];

  test('are ids or names, and a name that is a number is a name', () => {
    expect(idsOfGroups(parseClassGroups('a=background+2,b=hair+7'), names)).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });

  test.each([
    [
      'a=hat,b=1',
      'class "a": unknown member "hat": expected an id, one of the names background, hair, skin, 7',
    ],
    ['a=0,b=1+*', 'unknown member "*"'],
    ['a=0,b=-1', 'unknown member "-1"'],
    ['a=0,b=65536', 'unknown member "65536"'],
    ['a=1,b=hair', 'id 1 ("hair") is given to two classes'],
    ['a=1,b=01', 'id 1 ("hair") is given to two classes'],
  ])('%s is an error', (text, message) => {
    expect(() => idsOfGroups(parseClassGroups(text), names)).toThrow(message);
  });

  test('without names only ids are expected', () => {
    expect(() => idsOfGroups(parseClassGroups('a=hair,b=1'))).toThrow('expected an id from 0 to 65535');
  });
});

test('the rest goes to the class that asks for it, what is ignored never', () => {
  const { table } = classTable(parseClassGroups('a=*,b=15'), { ignore: [255], ignoreFrom: 300 });
  expect([0, 14, 15, 16, 255, 299, 300, 65535].map((id) => table[id])).toEqual([
    0,
    0,
    1,
    0,
    ignoredPixel,
    0,
    ignoredPixel,
    ignoredPixel,
  ]);
});

test('ids beyond the first that is ignored can be mapped; an id both mapped and ignored is an error', () => {
  expect(classTable(parseClassGroups('a=0,b=9'), { ignoreFrom: 4 }).table[9]).toBe(1);
  expect(() => classTable(parseClassGroups('a=0,b=9'), { ignore: [9] })).toThrow(
    'id 9 is mapped to class "b" and ignored: remove one of the two',
  );
});

test('ids as they are', () => {
  const { table } = ownTable(3, [1]);
  expect([0, 1, 2, 3, 255].map((id) => table[id])).toEqual([0, ignoredPixel, 2, ignoredPixel, ignoredPixel]);
});

test('an id that no class takes is an error with its place, what is expected, and what to do', () => {
  const labels = { width: 2, height: 2, data: Uint8Array.of(0, 1, 1, 7) };
  const table = classTable(parseClassGroups('a=0,b=1'), { ignore: [255] });
  expect(() => remap(labels, table, 255, 'x.png')).toThrow(
    'x.png: id 7 at row 1, column 1 is not mapped to a class: expected those of a=0,b=1, or 255 to be ignored; map it to a class, or ignore it',
  );
  expect([...remap({ ...labels, data: Uint8Array.of(0, 255, 1, 0) }, table, 99, 'x').data]).toEqual([
    0, 99, 1, 0,
  ]);
});
