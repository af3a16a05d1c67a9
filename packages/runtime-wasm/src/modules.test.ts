import { geometries } from '@atrous/conformance';
import { expect, test, vi } from 'vitest';
import { findBuild, moduleBytes } from './modules.ts';
import { wasm } from './node.ts';

const all = (['relaxed', 'simd'] as const).flatMap((build) =>
  (['shared', 'unshared'] as const).map((sharing) => [build, sharing] as const),
);

test.each(all)(
  '%s %s: a valid module that brings no data, which threads would write over each other',
  async (build, sharing) => {
    const bytes = await moduleBytes(build, sharing);
    const module = await WebAssembly.compile(bytes);
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
    expect(sectionsOf(bytes)).not.toContain(11);
  },
);

test('together they are small', async () => {
  const bytes = await Promise.all(all.map(([build, sharing]) => moduleBytes(build, sharing)));
  expect(bytes.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(120_000);
});

test('the better build is found where it runs', async () => {
  expect(await findBuild()).toBe('relaxed');
});

test('a module that does not compile is a runtime that is not available', async () => {
  const compile = vi
    .spyOn(WebAssembly, 'compile')
    .mockRejectedValue(new WebAssembly.CompileError('bad magic'));
  try {
    await expect(wasm().load(geometries.get('add')!)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('the relaxed kernels do not compile here: CompileError: bad magic'),
    });
  } finally {
    compile.mockRestore();
  }
});

/** Ids of a module's sections; 11 is data. */
function sectionsOf(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    ids.push(bytes[at++]);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += size;
  }
  return ids;
}
