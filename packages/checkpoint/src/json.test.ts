import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brief, briefList, clip } from './brief.ts';
import { parseJson } from './json.ts';

test('JSON is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), fc.nat(4), (text, indent) => {
      const spaced = JSON.stringify(JSON.parse(text), null, indent);
      expect(parseJson(spaced)).toEqual(JSON.parse(spaced));
    }),
  );
});

test('text that is no JSON is refused as JSON.parse refuses it', () => {
  const alphabet = fc.constantFrom(...'{}[]",:\\u1e.-tn \n');
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 12 }), (text) => {
      const attempt = (parse: (text: string) => unknown) => {
        try {
          return { value: parse(text) };
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
          return 'refused';
        }
      };
      // ours may refuse more: one key twice, halves of surrogate pairs
      const ours = attempt(parseJson);
      if (ours !== 'refused') expect(ours).toEqual(attempt(JSON.parse));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['one key twice', '{"a":1,"b":{"a":2},"\\u0061" \n :3}', 'duplicate key "a"'],
  ['one key twice after an escaped quote', '{"k":"\\"","a":1,"a":2}', 'duplicate key "a"'],
  ['nesting that overflows the stack', '['.repeat(1e6), 'nested deeper than 64 levels'],
  ['nesting inside objects', '{"a":'.repeat(65), 'nested deeper than 64 levels'],
  ['half a surrogate pair as a key', '{"\\ud800":1}', 'half a surrogate pair'],
  ['half a surrogate pair as a value', '["\\udc00"]', 'half a surrogate pair'],
])('%s is refused', (_what, text, message) => {
  expect(() => parseJson(text)).toThrow(message);
});

test('what only looks like it is read', () => {
  const text = '{"a":{"k":1},"b":[{"k":1},{"k":2}],"c":"{[\\"{","d":"k","e":"\\ud83d\\ude00"}';
  expect(parseJson(text)).toEqual(JSON.parse(text));
  expect(parseJson(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeInstanceOf(Array);
});

test('numbers may be held to whole ones, inside strings anything may stand', () => {
  expect(parseJson('{"a.b-1e5":[0,17,true,false,null]}', { onlyCounts: true })).toEqual({
    'a.b-1e5': [0, 17, true, false, null],
  });
  for (const number of ['1.0', '-0', '-1', '1e3', '1E3']) {
    expect(() => parseJson(`[${number}]`, { onlyCounts: true })).toThrow('whole numbers');
  }
});

test('values in messages are short', () => {
  expect(brief('a"b')).toBe('"a\\"b"');
  expect(brief([1, '2', [3], { x: 1 }, null, Number.POSITIVE_INFINITY])).toBe(
    '[1,"2",[…],{…},null,Infinity]',
  );
  expect(brief(undefined)).toBe('undefined');
  expect(clip('abcdef', 4)).toBe('abc…');
  expect(briefList(['a', 'b', 'c'], 2)).toEqual(['a', 'b', '… and 1 more']);
  fc.assert(fc.property(fc.anything(), (value) => brief(value).length <= 80));
  expect(brief('x'.repeat(1e7)).length).toBe(80);
  expect(brief(new Array(1e6).fill('x'.repeat(1e5))).length).toBe(80);
});
