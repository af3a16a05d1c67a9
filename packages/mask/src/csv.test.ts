import { expect, test } from 'vitest';
import { csvHeader, csvRows, toCsv } from './csv.ts';
import { mapOf } from './test_label_maps.ts';

const labels = mapOf('0011', '2010');
const classes = ['sky', 'a, "b"', 'c\nd', 'absent'].map((name, id) => ({ id, name, color: '#000000' }));

test('a row per class, quoted where it must be', () => {
  expect(toCsv(labels, classes)).toBe(
    'id,class,pixels,share\r\n0,sky,4,0.5\r\n1,"a, ""b""",3,0.375\r\n2,"c\nd",1,0.125\r\n3,absent,0,0\r\n',
  );
});

test('the rows of many pictures', () => {
  expect(csvHeader).toBe('image,id,class,pixels,share\r\n');
  expect(csvRows(labels, classes.slice(0, 1), 'x,y.jpg')).toBe('"x,y.jpg",0,sky,4,0.5\r\n');
});
