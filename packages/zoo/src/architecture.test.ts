import { resnet } from '@atrous/baselines/resnet';
import { weightShapes } from '@atrous/graph';
import { xceptionFamily } from '@atrous/xception';
import { expect, test } from 'vitest';
import {
  buildNetwork,
  findNetwork,
  type NetworkOptions,
  namedArchitecture,
  network,
  networkName,
  networkNames,
  parseNetworkName,
} from './architecture.ts';
import { families, loadFamilies, loadFamily } from './families.ts';

const all = await loadFamilies();

test.each(networkNames(all))('%s is a network', (name) => {
  const { family, head, variant } = parseNetworkName(name, all);
  expect(networkName(namedArchitecture(name, all))).toBe(name);
  const { outputs, inputs } = network(family, name, { classes: 5 });
  expect(Object.keys(inputs)).toEqual(['image']);
  const { classifier } = family.variants[variant];
  const answers = head === 'classifier' && classifier.outputs ? Object.keys(classifier.outputs) : ['logits'];
  expect(Object.keys(outputs)).toEqual(answers);
});

test('a classifier and two heads stand on each encoder, whose names are those of one family', () => {
  const variants = all.flatMap((family) => Object.keys(family.variants));
  expect(new Set(variants).size).toBe(variants.length);
  expect(networkNames(all)).toHaveLength(3 * variants.length);
  expect(networkNames([xceptionFamily])).toContain('deeplabv3plus-xception65p');
  expect(networkNames([xceptionFamily])).not.toContain('resnet50');
});

test('each family is called what the list calls it, and is loaded by that name', async () => {
  for (const name of Object.keys(families)) expect((await loadFamily(name)).name).toBe(name);
  await expect((async () => loadFamily('lenet'))()).rejects.toThrow(
    'unknown encoder family "lenet": expected one of xception,',
  );
});

test('a network is found by its name alone', async () => {
  const { graph, architecture } = await findNetwork('deeplabv3-resnet50', { outputStride: 8 });
  expect(architecture).toEqual({
    head: 'deeplabv3',
    encoder: { family: 'resnet', variant: 'resnet50' },
    outputStride: 8,
  });
  expect(graph).toEqual(network(resnet, 'deeplabv3-resnet50', { outputStride: 8 }));
});

test('without classes the last layer is not there', () => {
  const weights = [...weightShapes(network(xceptionFamily, 'xception', { classes: 0 })).keys()];
  expect(weights.some((name) => name.startsWith('head'))).toBe(false);
});

test('names and output strides that do not exist are errors', async () => {
  expect(() => network(xceptionFamily, 'resnet50')).toThrow(
    'unknown network "resnet50": expected one of xception, ',
  );
  await expect(findNetwork('resnet5')).rejects.toThrow(
    'unknown network "resnet5"; did you mean resnet50?: expected one of',
  );
  expect(() => network(xceptionFamily, 'xception', { outputStride: 4 as 8 })).toThrow(
    'outputStride: expected one of 8, 16, 32, got 4',
  );
});

test('an architecture of another family is an error', () => {
  const architecture = { head: 'classifier', encoder: { family: 'resnet', variant: 'resnet50' } } as const;
  expect(() => buildNetwork(xceptionFamily, architecture)).toThrow(
    'encoder.variant: expected one of xception',
  );
});

test('options out of bounds, and keys that do not exist, are errors in a moment', () => {
  const start = performance.now();
  const wrong: [NetworkOptions, string][] = [
    [{ classes: 65_537 }, 'classes: expected a whole number from 0 to 65536'],
    [{ decoder: { convolutions: 1e9 } }, 'decoder.convolutions: expected a whole number from 0 to 16'],
    [{ classifier: { pools: 'down' as 'to' } }, 'classifier.pools: expected one of to, up-to, got "down"'],
    [{ aspp: { rates: Array(100_000).fill(1) } }, 'aspp.rates: expected a list with 0 to 16 items'],
    [{ encoder: { widthMultiplyer: 1 } }, 'did you mean widthMultiplier?'],
    [{ encoder: { padding: { stem: 'none' } } }, 'encoder.options.padding.stem: expected one of symmetric'],
  ];
  for (const [options, message] of wrong) {
    expect(() => network(xceptionFamily, 'deeplabv3plus-xception65', options)).toThrow(message);
  }
  expect(performance.now() - start).toBeLessThan(100);
});

test('as many classes as label maps can hold', () => {
  expect(() => network(xceptionFamily, 'xception', { classes: 65_536 })).not.toThrow();
});
