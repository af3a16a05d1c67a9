import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkLoad, checkNames, checkOptions, pictureRules, segmentRules, streamRules } from './arguments.ts';

const input = (message: string) =>
  expect.objectContaining({ name: 'AtrousError', code: 'input', message: expect.stringContaining(message) });

describe('what a model is loaded from', () => {
  test.each([null, undefined, '', 7, true, () => 'people', Symbol.iterator])('%s is an error', (location) => {
    expect(() => checkLoad(location, {})).toThrow(input('model: expected a folder, a URL or files, got'));
  });
  test('may be text, a URL, files or an object', () => {
    for (const location of ['people', new URL('http://a/'), [], {}]) checkLoad(location, {});
  });
});

describe('options', () => {
  test.each<[string, unknown, string]>([
    ['threads', 1.5, 'threads: expected a whole number'],
    ['threads', '2', 'got "2"'],
    ['runtime', null, 'runtime: expected a name or a runtime (name, available, load), got null'],
    ['runtime', { name: 'mine' }, 'got an object'],
    ['runtimes', {}, 'runtimes: expected a list of what packages of runtimes give, such as [onnx()], got an'],
    ['runtimes', [() => ({})], 'got an array of 1'],
    ['runtimes', [{ mine: 'wasm' }], 'got an array of 1'],
    [
      'precision',
      'float64',
      'precision: expected "float32", "float16", "int8", or several of them, got "float64"',
    ],
    ['precision', ['float16', 7], 'got an array of 2'],
    ['compute', 'fast', 'compute: expected "float32", "float16", "int8", "auto", got "fast"'],
    ['wasm', 7, 'wasm: expected a URL, got 7'],
    ['onProgress', {}, 'onProgress: expected a function'],
    ['fetch', 'fetch', 'fetch: expected a function, got "fetch"'],
    ['cache', true, 'cache: expected a cache'],
    ['createWorker', {}, 'createWorker: expected a function'],
    ['signal', {}, 'signal: expected an AbortSignal'],
    ['signal', new AbortController(), 'got AbortController'],
  ])('of loading, %s: %s', (name, value, message) => {
    expect(() => checkLoad('people', { [name]: value })).toThrow(input(message));
  });
  test.each<[string, unknown, string]>([
    ['minConfidence', 1, 'minConfidence: expected at least 0 and less than 1, got 1'],
    ['minConfidence', '0.5', 'got "0.5"'],
    ['minConfidence', Number.NaN, 'got NaN'],
    ['confidence', 'yes', 'confidence: expected true or false'],
    ['logits', 1, 'logits: expected true or false'],
    ['transfer', null, 'transfer: expected true or false'],
    ['maxPixels', 0, 'maxPixels: expected a whole number of pixels above 0, or Infinity, got 0'],
  ])('of a call, %s: %s', (name, value, message) => {
    expect(() => checkOptions({ [name]: value }, segmentRules)).toThrow(input(message));
  });
  test('are objects', () => {
    for (const options of [null, 7, 'fast']) {
      expect(() => checkOptions(options, pictureRules)).toThrow(input('options: expected an object, got'));
    }
  });
  test('that are undefined, or right, pass', () => {
    const { signal } = new AbortController();
    checkOptions(
      { signal, maxPixels: 1, minConfidence: 0.5, confidence: true, logits: undefined },
      segmentRules,
    );
    checkOptions({ signal, smoothing: 0.5, every: false }, streamRules);
    checkLoad('people', {
      threads: 2,
      runtime: 'wasm',
      runtimes: [{ mine: async () => ({}) }],
      precision: ['int8', 'float16'],
      wasm: new URL('http://a/'),
    });
  });
  test('end in an error of ours, whatever they are', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (location, options) => {
        try {
          checkLoad(location, options);
          checkOptions(options, segmentRules);
        } catch (error) {
          expect(error).toMatchObject({ name: 'AtrousError', code: 'input' });
        }
      }),
    );
  });
});

describe('names of values', () => {
  test.each<[unknown, string]>([
    [[], 'got none'],
    ['logits', 'got "logits"'],
    [['logits', 7], 'got 7'],
    [undefined, 'got undefined'],
  ])('%j is an error', (names, message) => {
    expect(() => checkNames(names)).toThrow(input(message));
  });
  test('are a list of text', () => expect(() => checkNames(['logits'])).not.toThrow());
});
