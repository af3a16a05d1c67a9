import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formats } from '@atrous/checkpoint';
import { cost, type EncoderFamily } from '@atrous/graph';
import { describe, expect, test } from 'vitest';
import { buildNetwork } from './architecture.ts';
import { loadFamilies } from './families.ts';
import { sources } from './sources/index.ts';
import type { CheckpointSource } from './sources/source.ts';

const families = await loadFamilies();
const readme = readFileSync(fileURLToPath(new URL('../../../README.md', import.meta.url)), 'utf8');

/** The rows of the table whose header begins with these columns. */
function rowsOf(...header: readonly string[]): readonly string[][] {
  const lines = readme.split('\n').map((line) => line.split('|').slice(1, -1));
  const trimmed = lines.map((cells) => cells.map((cell) => cell.trim()));
  const start = trimmed.findIndex((cells) => header.every((name, i) => cells[i] === name));
  const length = trimmed.slice(start).findIndex((cells) => cells.length === 0);
  return trimmed.slice(start + 2, start + length);
}

/** `a`, `b` */
const namesIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);

/** A network as its row names it, counted at that size and with so many classes. */
function counted(variant: string, side: number, classes: number) {
  const family = families.find(({ variants }) => Object.hasOwn(variants, variant))!;
  const { channels = 3 } = family.variants[variant];
  const encoder = { family: family.name, variant };
  const graph = buildNetwork(family, { head: 'classifier', encoder, classes });
  return cost(graph, { image: [1, side, side, channels] });
}

describe('the networks', () => {
  const rows = rowsOf('family', 'networks', 'picture', 'classes').flatMap(
    ([family, names, side, classes, parameters, multiplyAdds]) => {
      const [millions, billions] = [parameters, multiplyAdds].map((cell) => cell.split(', '));
      return namesIn(names).map(
        (name, i) => [name, family, Number(side), Number(classes), millions[i], billions[i]] as const,
      );
    },
  );

  test.each(rows)('%s (%s) at %d, %d classes', (name, _, side, classes, millions, billions) => {
    const { parameters, multiplyAdds } = counted(name, side, classes);
    const shown = [parameters / 1e6, multiplyAdds / 1e9].map((number) => number.toPrecision(4));
    expect([millions, billions]).toEqual(shown);
  });

  test('all of them, at the size that they were trained on', () => {
    const known = families.flatMap(({ variants }) =>
      Object.entries(variants).map(([name, { inputSize }]) => [name, inputSize]),
    );
    expect(rows.map(([name, _, side]) => [name, side]).toSorted()).toEqual(known.toSorted());
  });
});

test.each([
  // timm 1.0.29: trainable parameters; multiply-adds of convolutions and dense layers
  ['xception', 299, 1000, 22_855_952, 8_357_403_496],
  ['xception41', 299, 1000, 26_969_560, 9_204_134_312],
  ['xception65', 299, 1000, 39_916_312, 13_852_682_216],
  ['xception71', 299, 1000, 42_338_736, 17_946_553_928],
  ['xception41p', 299, 1000, 26_907_752, 9_204_134_312],
  ['xception65p', 299, 1000, 39_819_560, 13_852_682_216],
])('%s has what the original has', (name, side, classes, parameters, multiplyAdds) => {
  const found = counted(name, side, classes);
  expect([found.parameters, found.multiplyAdds]).toEqual([parameters, multiplyAdds]);
});

test("mini-xception has as many trainable parameters as Keras counts in the original's", () => {
  expect(counted('mini-xception', 64, 7).parameters).toBe(56_951);
});

/** The networks that a source has names for: a family's name for all of its variants. */
function networksOf(source: CheckpointSource): string[] {
  return Object.entries(source.encoders).flatMap(([name, encoders]) => {
    const family = families.find((one) => one.name === name) as EncoderFamily;
    const all = Object.keys(family.variants);
    const named = new Set(encoders.flatMap(({ naming }) => family.namings[naming].variants ?? all));
    return named.size === all.length ? [name] : all.filter((variant) => named.has(variant));
  });
}

test('the sources: their names, networks and heads', () => {
  const shown = rowsOf('source', 'what', 'networks', 'heads').map(([source, , networks, heads]) => [
    namesIn(source)[0],
    networks === 'all' ? [] : namesIn(networks).toSorted(),
    heads.split(', '),
  ]);
  const titles = { classifier: 'classifier', deeplabv3: 'V3', deeplabv3plus: 'V3+' };
  const known = sources.map((source) => [
    source.name,
    networksOf(source).toSorted(),
    source.heads.map(({ head }) => titles[head]).toReversed(),
  ]);
  expect(shown).toEqual(known);
});

test('the formats that are read', () => {
  const shown = rowsOf('format', 'files').map(([format]) => format);
  const known = formats.filter(({ open }) => open).map(({ name }) => name.replace(/^an? /, ''));
  expect(shown.toSorted()).toEqual(known.toSorted());
});
