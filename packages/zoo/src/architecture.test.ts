import { weightShapes } from '@atrous/graph';
import { expect, test } from 'vitest';
import {
  type ArchitectureOptions,
  network,
  networkName,
  networkNames,
  parseNetworkName,
} from './architecture.ts';

test.each(networkNames)('%s is a network', (name) => {
  expect(networkName(parseNetworkName(name))).toBe(name);
  const { outputs, inputs } = network(name, { classes: 5 });
  expect(Object.keys(inputs)).toEqual(['image']);
  expect(Object.keys(outputs)).toEqual(['logits']);
});

test('there are a classifier and two heads for each of seven encoders', () => {
  expect(networkNames).toHaveLength(21);
  expect(networkNames).toContain('deeplabv3plus-xception65p');
});

test('without classes the last layer is not there', () => {
  const weights = [...weightShapes(network('xception', { classes: 0 })).keys()];
  expect(weights.some((name) => name.startsWith('head'))).toBe(false);
});

test('names and output strides that do not exist are errors', () => {
  expect(() => network('resnet50')).toThrow('unknown network "resnet50": expected one of xception, ');
  expect(() => network('xception', { outputStride: 4 as 8 })).toThrow(
    'outputStride: expected one of 8, 16, 32, got 4',
  );
});

test('options out of bounds, and keys that do not exist, are errors in a moment', () => {
  const start = performance.now();
  const wrong: [ArchitectureOptions, string][] = [
    [{ classes: 65_537 }, 'classes: expected a whole number from 0 to 65536'],
    [{ decoder: { convolutions: 1e9 } }, 'decoder.convolutions: expected a whole number from 1 to 16'],
    [{ aspp: { rates: Array(100_000).fill(1) } }, 'aspp.rates: expected a list with 0 to 16 items'],
    [{ widthMultiplyer: 1 } as ArchitectureOptions, 'did you mean widthMultiplier?'],
  ];
  for (const [options, message] of wrong) {
    expect(() => network('deeplabv3plus-xception65', options)).toThrow(message);
  }
  expect(performance.now() - start).toBeLessThan(100);
});

test('as many classes as label maps can hold', () => {
  expect(() => network('xception', { classes: 65_536 })).not.toThrow();
});
