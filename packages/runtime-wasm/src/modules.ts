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

/** The builds' bytes: unpacked once. */
let unpacked: Promise<Readonly<Record<Build, Uint8Array>>> | undefined;

async function unpack(): Promise<Readonly<Record<Build, Uint8Array>>> {
  const { deflated, sizes } = await import('./generated/kernels.ts');
  const packed = Uint8Array.from(atob(deflated), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  return { relaxed: bytes.subarray(0, sizes.relaxed), simd: bytes.subarray(sizes.relaxed) };
}

/** How a module says that it imports a memory; what kind of memory is the byte after it. */
const importedMemory = '\x03env\x06memory\x02';
const kinds: Readonly<Record<Sharing, number>> = { unshared: 1, shared: 3 };

/** The bytes of one build of the kernels: for either kind of memory they are the same but for the byte that says which. */
export async function moduleBytes(build: Build, sharing: Sharing): Promise<Uint8Array<ArrayBuffer>> {
  unpacked ??= unpack().catch((error) => {
    unpacked = undefined; // its chunk may be there the next time
    throw error;
  });
  const bytes = new Uint8Array((await unpacked)[build]);
  bytes[kindAt(bytes)] = kinds[sharing];
  return bytes;
}

function kindAt(bytes: Uint8Array): number {
  const text = String.fromCharCode(...bytes.subarray(0, 4096)); // imports come before code
  return text.indexOf(importedMemory) + importedMemory.length;
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
