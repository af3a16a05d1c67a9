import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, printableJson, printableName } from './printable.ts';

const hostile = fc.string({
  unit: fc.oneof(fc.constantFrom('\x1b', '\x9b', '\r', '\n', '\x7f', '\u202e', '\\'), fc.string()),
});
const isControl = (text: string) =>
  [...text].some((character) => {
    const code = character.codePointAt(0)!;
    return code < 32 || (code >= 127 && code < 160) || (code >= 0x202a && code <= 0x202e);
  });

test('no control character reaches a terminal but the line feeds of our own text', () => {
  fc.assert(fc.property(hostile, (text) => !isControl(printable(text).replace(/[\n\t]/g, ''))));
  fc.assert(fc.property(hostile, (text) => !isControl(printableName(text))));
});

test('JSON holds the same value as before', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const json = printableJson({ text });
      expect(isControl(json.replace(/\n/g, ''))).toBe(false);
      expect(JSON.parse(json)).toEqual({ text });
    }),
  );
});

test('plain text stays as it is', () => {
  const text = 'Straße/写真 📷.jpg: 12.5 %\n\t→ out';
  expect(printable(text)).toBe(text);
  expect(printable('\x1b]0;owned\x07.jpg')).toBe('\\u001b]0;owned\\u0007.jpg');
});
