import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { tinyConfig } from './test_model.ts';

const file = { file: 'model.safetensors', dtype: 'float32', bytes: 4, sha256: 'a'.repeat(64) };
const sound = { ...tinyConfig, weights: { names: 'atrous', files: [file] } };
const parse = (config: unknown) => parseConfig(JSON.stringify(config), 'config.json');

test.each(['people', 'street'])("the shipped model's config is one: %s", (name) => {
  const text = readFileSync(new URL(`../../model-${name}/config.json`, import.meta.url), 'utf8');
  expect(parseConfig(text, 'config.json').labels.length).toBeGreaterThan(10);
});

test('what may be left out has the usual values', () => {
  const { size, mean, std } = tinyConfig.preprocess;
  const { preprocess, postprocess } = parse({
    ...sound,
    preprocess: { size, mean, std },
    postprocess: undefined,
  });
  expect(preprocess).toMatchObject({
    channels: 'RGB',
    range: [0, 255],
    filter: 'bilinear-antialiased',
    fit: 'stretch',
  });
  expect(postprocess).toEqual({ resize: 'half-pixel' });
});

describe('a config that cannot be used', () => {
  const { labels: _, ...unlabelled } = sound;
  const cases: [what: string, config: unknown, message: RegExp][] = [
    ['without labels', unlabelled, /labels: .*expected/i],
    ['with no labels', { ...sound, labels: [] }, /labels: expected at least one label/],
    [
      'with fewer labels than classes',
      { ...sound, labels: sound.labels.slice(1, 2).map((l) => ({ ...l, id: 0 })) },
      /3 classes, but there are 1 labels/,
    ],
    [
      'with ids out of order',
      { ...sound, labels: sound.labels.toReversed() },
      /labels: expected the ids 0, 1, 2/,
    ],
    [
      'with a path for a file',
      { ...sound, weights: { names: 'atrous', files: [{ ...file, file: '../../secret' }] } },
      /plain file name/,
    ],
    [
      'with a deviation of zero',
      { ...sound, preprocess: { ...sound.preprocess, std: [1, 0, 1] } },
      /preprocess\.std: expected no zero/,
    ],
    ['of a later format', { ...sound, formatVersion: 2 }, /formatVersion: /],
    [
      'with an unknown encoder',
      { ...sound, architecture: { ...tinyConfig.architecture, encoder: 'resnet' } },
      /architecture\.encoder: /,
    ],
    ['that is a number', 7, /the whole: /],
  ];
  test.each(cases)('%s', (_what, config, message) => {
    expect(() => parse(config)).toThrow(message);
  });
  test('that is no JSON', () => {
    expect(() => parseConfig('{', 'here/config.json')).toThrow('here/config.json: not JSON');
  });
  test('everything that is wrong with it stands in one error', () => {
    const broken = { ...sound, labels: [], formatVersion: 2, weights: { names: 'atrous', files: [] } };
    expect(() => parse(broken)).toThrow(/formatVersion[\s\S]*labels[\s\S]*weights\.files/);
  });
});
