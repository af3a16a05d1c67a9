import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';

const here = (url: string) => new URL(url, location.href).href;

/** Where the page's own origin has TensorFlow.js' binaries. */
export const tfjsWasm: Readonly<Record<string, string>> = {
  'tfjs-backend-wasm.wasm': here(plain),
  'tfjs-backend-wasm-simd.wasm': here(simd),
  'tfjs-backend-wasm-threaded-simd.wasm': here(threaded),
};
