import { AtrousError } from '@atrous/tensor';

/** The kernels' builds, the fastest first. */
export const builds = ['relaxed', 'simd'] as const;
export type Build = (typeof builds)[number];
/**
 * How deep the weights of an 8-bit product are packed together, which is 4 bytes of a row over the bytes of a value: relaxed SIMD
 * multiplies bytes, SIMD128 16 bits.
 */
export const int8Depths: Readonly<Record<Build, 2 | 4>> = { relaxed: 4, simd: 2 };
export type Sharing = 'shared' | 'unshared';

const modules: Readonly<Record<`${Build}_${Sharing}`, () => Promise<{ base64: string }>>> = {
  relaxed_shared: () => import('./generated/relaxed_shared.ts'),
  relaxed_unshared: () => import('./generated/relaxed_unshared.ts'),
  simd_shared: () => import('./generated/simd_shared.ts'),
  simd_unshared: () => import('./generated/simd_unshared.ts'),
};

/** The bytes of one build of the kernels. */
export async function moduleBytes(build: Build, sharing: Sharing): Promise<Uint8Array<ArrayBuffer>> {
  const { base64 } = await modules[`${build}_${sharing}`]();
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Whether threads may share memory here. */
export const canShare = (): boolean =>
  typeof SharedArrayBuffer !== 'undefined' && (globalThis.crossOriginIsolated ?? true);

/** The best build that runs here, or why none does. */
export async function findBuild(): Promise<Build | { reason: string }> {
  if (typeof WebAssembly !== 'object') return { reason: 'WebAssembly is not available here' };
  for (const build of builds) {
    if (WebAssembly.validate(await moduleBytes(build, 'unshared'))) return build;
  }
  return { reason: 'this WebAssembly has no SIMD' };
}

/** Compiles a build. @throws AtrousError `unavailable` */
export async function compile(build: Build, sharing: Sharing): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(await moduleBytes(build, sharing));
  } catch (cause) {
    throw new AtrousError('unavailable', `wasm: the ${build} kernels do not compile here: ${String(cause)}`, {
      cause,
    });
  }
}
