import { setFlagsFromString } from 'node:v8';
import { AtrousError } from '@atrous/tensor';
import { type Build, moduleBytes, type Sharing } from './modules.ts';

/** V8 joins two 128-bit operations into one of 256 bits in its optimizing compiler alone, which is to compile all of it at once. */
const flags = {
  '--experimental-wasm-revectorize': '--no-experimental-wasm-revectorize',
  '--no-liftoff': '--liftoff',
  '--no-wasm-lazy-compilation': '--wasm-lazy-compilation',
};

/** A section without meaning: V8 takes code that it has for equal bytes, however that was compiled. */
const mark = Uint8Array.of(0, 7, 6, ...new TextEncoder().encode('paired'));

/** @throws AtrousError `unavailable` where Node has no such flag */
export function checkRevectorize(version: string = process.versions.node): void {
  if (Number.parseInt(version, 10) >= 24) return;
  throw new AtrousError(
    'unavailable',
    `revectorize: this is Node ${version}, Node 24 or later is needed: leave it out`,
  );
}

/**
 * Compiles a build so that V8 pairs its operations. Flags of V8 are the process's: they are set while this one module compiles, and
 * set back before anything else can. @throws AtrousError `unavailable`
 */
export async function compileRevectorized(build: Build, sharing: Sharing): Promise<WebAssembly.Module> {
  const bytes = await moduleBytes(build, sharing);
  const marked = new Uint8Array(bytes.length + mark.length);
  marked.set(bytes);
  marked.set(mark, bytes.length);
  for (const flag of Object.keys(flags)) setFlagsFromString(flag);
  try {
    return new WebAssembly.Module(marked);
  } catch (cause) {
    throw new AtrousError('unavailable', `wasm: the ${build} kernels do not compile here: ${String(cause)}`, {
      cause,
    });
  } finally {
    for (const [flag, back] of Object.entries(flags))
      if (!process.execArgv.includes(flag)) setFlagsFromString(back);
  }
}
