import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkThreads, inWords, mostThreads } from './arguments.ts';

describe('threads', () => {
  test('are whole numbers from 1 to the limit, or left to the runtime', () => {
    for (const threads of [undefined, 1, 2, mostThreads]) expect(checkThreads(threads)).toBeUndefined();
  });
  test.each([
    [0, '0'],
    [1.5, '1.5'],
    [-1, '-1'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [mostThreads + 1, '1025'],
    [1e9, '1000000000'],
    ['2', '"2"'],
    [null, 'null'],
    [[2], 'an array of 1'],
  ])('%s are an error', (threads, words) => {
    const message = `threads: expected a whole number from 1 to 1024, got ${words}`;
    expect(() => checkThreads(threads)).toThrow(expect.objectContaining({ code: 'input', message }));
  });
});

describe('values in words', () => {
  test('name the kind of an object', () => {
    expect([{}, new Map(), Object.create(null), () => 0, /x/].map(inWords)).toEqual([
      'an object',
      'Map',
      'an object',
      'a function',
      'RegExp',
    ]);
  });
  test('are short, whatever is given', () => {
    fc.assert(fc.property(fc.anything(), (value) => inWords(value).length < 80));
    expect(inWords('x'.repeat(1e6))).toHaveLength(63);
  });
});
