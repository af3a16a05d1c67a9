import { AtrousError, checkThreads, messageOf } from '@atrous/tensor';
import { lazyRuntime, type TfjsOptions, type TfjsRuntime } from './runtime.ts';
import { bringTf, type Tf } from './tf.ts';

export interface TfjsWasmOptions extends TfjsOptions {
  /**
   * Where TensorFlow.js' three `.wasm` files lie: the URL of their folder, or the URL of each.
   * @default where the bundler has put the package's; in Node where the package has them
   */
  readonly wasm?: string | URL | Readonly<Record<string, string>>;
  /**
   * Needs a cross-origin isolated page; TensorFlow.js takes half the cores at most, and one thread in Node. One starts no
   * workers, which TensorFlow.js makes from Blobs: a strict Content-Security-Policy refuses those. Taken once.
   */
  readonly threads?: number;
}

type Binaries = NonNullable<TfjsWasmOptions['wasm']>;

/** The runtime on a platform, and where that has the binaries. */
export function wasmRuntime(
  { tf, wasm, threads }: TfjsWasmOptions,
  findBinaries: () => Promise<Binaries>,
): TfjsRuntime {
  checkThreads(threads);
  return lazyRuntime('wasm', async () => {
    const backend = await import('@tensorflow/tfjs-backend-wasm');
    const core = await bringTf(tf);
    if (threads === 1) core.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    const binaries = wasm ?? (await findBinaries());
    await expectBinary(await urlOf(core, binaries));
    if (typeof binaries === 'object' && !(binaries instanceof URL)) backend.setWasmPaths({ ...binaries });
    else backend.setWasmPaths(String(binaries));
    if (threads !== undefined) backend.setThreadsCount(threads);
    return core;
  });
}

/** Which of its three binaries TensorFlow.js will ask for, as it decides itself. */
async function urlOf(tf: Tf, binaries: Binaries): Promise<string> {
  const [simd, threads] = await Promise.all([
    tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'),
    tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'),
  ]);
  const name = `tfjs-backend-wasm${simd && threads ? '-threaded-simd' : simd ? '-simd' : ''}.wasm`;
  if (typeof binaries === 'object' && !(binaries instanceof URL)) return binaries[name] ?? name;
  return `${binaries}${name}`;
}

/**
 * TensorFlow.js waits for ever where its binary is not there. Asks for its head; servers that do not know that question are believed.
 * @throws AtrousError `unavailable` that names the address
 */
async function expectBinary(address: string): Promise<void> {
  const url = new URL(address, globalThis.location?.href ?? 'file:///');
  if (!/^https?:$/.test(url.protocol)) return;
  const fail = (why: string, cause?: unknown): never => {
    throw new AtrousError(
      'unavailable',
      `TensorFlow.js' ${url.href}: ${why}; say where its .wasm files lie: tfjs({ wasm: '/folder/' })`,
      { cause },
    );
  };
  const { ok, status, headers } = await fetch(url, { method: 'HEAD' }).catch((cause) =>
    fail(`cannot be fetched: ${messageOf(cause)}`, cause),
  );
  if (!ok && status !== 405 && status !== 501) fail(`the server answers ${status}`);
  if (headers.get('content-type')?.startsWith('text/html')) fail('the server answers with a page');
}
