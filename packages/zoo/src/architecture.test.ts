import { weightShapes } from '@atrous/graph';
import { expect, test } from 'vitest';
import { network, networkName, networkNames, parseNetworkName } from './architecture.ts';

test.each(networkNames)('%s is a network', (name) => {
  expect(networkName(parseNetworkName(name))).toBe(name);
  const { outputs, inputs } = network(name, { classes: 5 });
  expect(Object.keys(inputs)).toEqual(['image']);
  expect(Object.keys(outputs)).toEqual(['logits']);
});

test('there are a classifier and two heads for each of six encoders', () => {
  expect(networkNames).toHaveLength(18);
  expect(networkNames).toContain('deeplabv3plus-xception65p');
});

test('without classes the last layer is not there', () => {
  const weights = [...weightShapes(network('xception', { classes: 0 })).keys()];
  expect(weights.some((name) => name.startsWith('head'))).toBe(false);
});

test('names and output strides that do not exist are errors', () => {
  expect(() => network('resnet50')).toThrow('unknown network "resnet50": expected one of xception, ');
  expect(() => network('xception', { outputStride: 4 as 8 })).toThrow(
    'output stride 4: expected one of 8, 16, 32',
  );
});
