import { cost } from '@atrous/graph';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ModuleName, type ModuleSize, moduleGraph, modules } from './modules.ts';

const names = Object.keys(modules) as ModuleName[];

const sizes = fc.record({
  channels: fc.integer({ min: 1, max: 256 }),
  filters: fc.integer({ min: 1, max: 256 }),
  size: fc.integer({ min: 1, max: 40 }),
  kernel: fc.constantFrom(3, 5, 7, 9),
});

const costOf = (name: ModuleName, size: ModuleSize) => {
  return cost(moduleGraph(name, size), { image: [1, size.size, size.size, size.channels] });
};

/** A formula as a reader would work it out. */
function workOut(formula: string, { channels, filters, kernel }: ModuleSize): number {
  const script = formula
    .replaceAll('²', '**2')
    .replaceAll('·', '*')
    .replaceAll('−', '-')
    .replace(/[KMN]/g, (letter) => String({ K: kernel, M: channels, N: filters }[letter]));
  return Function(`return ${script}`)();
}

describe.each(names)('%s', (name) => {
  test('costs what its formula says, and keeps the size', () => {
    fc.assert(
      fc.property(sizes, (any) => {
        const size = { ...any, filters: 16 * Math.ceil(any.filters / 16) };
        const { parameters, multiplyAdds, nodes } = costOf(name, size);
        const weights = modules[name].weights(size);
        expect(workOut(modules[name].formula, size)).toBe(weights);
        expect(parameters).toBe(weights);
        expect(multiplyAdds).toBe(weights * size.size ** 2);
        const channels = name === 'naive' ? (size.filters * 7) / 8 + size.channels : size.filters;
        expect(nodes.at(-1)!.output.shape).toEqual([1, size.size, size.size, channels]);
      }),
    );
  });

  test('counts right where widths are rounded', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        expect(costOf(name, size).parameters).toBe(modules[name].weights(size));
      }),
    );
  });
});

test('GoogLeNet, module 3a: widths of the paper', () => {
  const { nodes, parameters } = costOf('reduced', { channels: 192, filters: 256, size: 28, kernel: 3 });
  const widths = nodes.filter(({ kind }) => kind === 'conv2d').map(({ output }) => output.shape[3]);
  expect(widths.sort((a, b) => a - b)).toEqual([16, 32, 32, 64, 96, 128]);
  expect(parameters).toBe(163_328);
});

test('an even kernel and an unknown name are errors', () => {
  const size = { channels: 8, filters: 8, size: 8, kernel: 4 };
  expect(() => moduleGraph('ordinary', size)).toThrow('expected an odd kernel, which keeps the size; got 4');
  expect(() => moduleGraph('grouped' as ModuleName, size)).toThrow('unknown module "grouped"');
});
