import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLine, parseCsv, parseTags } from './csv.ts';
import { pairByName, parsePairList, stemOf } from './pairs.ts';

describe('pairs by name', () => {
  test('pictures with the PNG of the same name, other files left out', () => {
    const pictures = ['p/b.JPG', 'p/a.png', 'p/notes.txt'];
    expect(pairByName(pictures, ['l/a.png', 'l/b.png', 'l/c.png', 'l/b.txt'])).toEqual([
      { picture: 'p/a.png', truth: 'l/a.png' },
      { picture: 'p/b.JPG', truth: 'l/b.png' },
    ]);
  });

  test('suffixes choose files of one folder', () => {
    const files = ['x_leftImg8bit.png', 'x_gtFine_color.png', 'x_gtFine_labelIds.png'];
    const options = { pictureSuffix: '_leftImg8bit', labelSuffix: '_gtFine_labelIds' };
    expect(pairByName(files, files, options)).toEqual([{ picture: files[0], truth: files[2] }]);
  });

  test('pictures without labels are listed, the first five', () => {
    const six = ['1.png', '2.png', '3.png', '4.png', '5.png', '6.png'];
    expect(() => pairByName(six, [], { labelsAt: 'folder' })).toThrow(
      '6 pictures have no labels in folder: 1.png, 2.png, 3.png, 4.png, 5.png, …',
    );
    expect(() => pairByName(['1.png'], ['2.png'])).toThrow('1 pictures have no labels: 1.png');
  });

  test('names that differ in their extension alone are an error', () => {
    expect(() => pairByName(['a.jpg', 'a.png'], ['a.png'])).toThrow('a.jpg and a.png differ only in');
  });
});

test('stems', () => {
  expect(['a/b.c/d.e.png', 'C:\\x\\y.jpg', 'plain'].map(stemOf)).toEqual(['d.e', 'y', 'plain']);
});

test('lists: tabs, or white space where there is no tab; comments and empty lines are left out', () => {
  expect(parsePairList('# of two\na.png b.png\r\n\nmy dog.jpg\tmy dog.png\n', 'list')).toEqual([
    { picture: 'a.png', truth: 'b.png' },
    { picture: 'my dog.jpg', truth: 'my dog.png' },
  ]);
  for (const line of ['a.png', 'a b c', '\tb.png', 'a\tb\tc'])
    expect(() => parsePairList(`x y\n${line}`, 'list.txt')).toThrow('list.txt: line 2: expected a picture');
});

describe('tables', () => {
  test('what is written is read', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é'), maxLength: 6 });
    const row = fc
      .array(cell, { minLength: 2, maxLength: 4 })
      .filter((cells) => cells.some((text) => text.trim()));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), (rows) => {
        expect(parseCsv(rows.map(csvLine).join(''))).toEqual(rows);
      }),
    );
    expect(csvLine([null, 0.5, 'x'])).toBe(',0.5,x\r\n');
  });

  test('a file without a last line end, with an empty last cell, and one that is no table', () => {
    expect(parseCsv('a,b\nc,')).toEqual([
      ['a', 'b'],
      ['c', ''],
    ]);
    expect(() => parseCsv('a,b\n"c"d,e')).toThrow('CSV: line 2: expected cells');
  });

  test('tags by the names of pictures; an empty cell is no tag', () => {
    const text = '\ufeffpicture,place,light\nfolder/1.jpg,indoor,\n2.png, outdoor ,day\n';
    expect([...parseTags(text, 'tags.csv')]).toEqual([
      ['1', { place: 'indoor' }],
      ['2', { place: 'outdoor', light: 'day' }],
    ]);
  });

  test.each([
    ['picture\n1', 'tags.csv: expected a first row such as "picture,place"'],
    ['', 'expected a first row'],
    ['picture,place\n1,a,b', 'tags.csv: row 2 has 3 cells: expected 2'],
    ['picture,place\n1.jpg,a\n1.png,b', 'tags.csv: row 3: "1" is named twice'],
  ])('%j is an error', (text, message) => {
    expect(() => parseTags(text, 'tags.csv')).toThrow(message);
  });
});
