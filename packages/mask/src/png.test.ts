import fc from 'fast-check';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { cityscapes, pascalVoc } from './palette.ts';
import { decodeLabelPng, encodeLabelPng, encodePng } from './png.ts';

test('label maps survive the way to PNG and back', () => {
  const side = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(side, side, fc.integer({ min: 1, max: 256 }), (width, height, classes) => {
      const data = Uint8Array.from({ length: width * height }, (_, i) => (i * 7) % classes);
      const back = decodeLabelPng(encodeLabelPng({ width, height, data }, pascalVoc), 'labels.png');
      expect(back).toEqual({ width, height, data });
    }),
  );
});

test('the file is indexed: ids are palette indices, colours are for the eye', () => {
  const file = encodeLabelPng({ width: 2, height: 1, data: Uint8Array.of(0, 15) }, pascalVoc);
  const png = decode(file);
  expect(png.channels).toBe(1);
  expect(png.depth).toBe(8);
  expect(png.palette?.[15]).toEqual([192, 128, 128]); // Pascal VOC's person
});

test('ids beyond the palette go around it', () => {
  const png = decode(encodeLabelPng({ width: 1, height: 1, data: Uint8Array.of(20) }, cityscapes));
  expect(png.palette?.[20]).toEqual([...cityscapes[1]]);
});

test('16-bit ids', () => {
  const labels = { width: 2, height: 1, data: Uint16Array.of(3, 700) };
  expect(decodeLabelPng(encodeLabelPng(labels, pascalVoc), 'labels.png')).toEqual(labels);
});

test('what is no label map is an error', () => {
  expect(() => decodeLabelPng(new TextEncoder().encode('text'), 'text.png')).toThrow('text.png: not a PNG');
  const rgba = encodePng({ width: 1, height: 1, data: new Uint8Array(4) });
  expect(() => decodeLabelPng(rgba, 'photo.png')).toThrow('photo.png: expected class ids');
});
