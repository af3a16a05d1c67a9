import { conformance, jointConformance } from '@atrous/conformance';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { tfjsWasm } from './wasm.ts';
import { tfjsWebGl } from './webgl.ts';
import { tfjsWebGpu } from './webgpu.ts';

const here = (url: string) => new URL(url, location.href).href;
const wasm = {
  'tfjs-backend-wasm.wasm': here(plain),
  'tfjs-backend-wasm-simd.wasm': here(simd),
  'tfjs-backend-wasm-threaded-simd.wasm': here(threaded),
};

conformance(tfjsWasm({ wasm }), { sizes: [[2, 6, 5]] });
jointConformance(tfjsWebGl(), [1, 9, 12]);
jointConformance(tfjsWebGpu(), [1, 9, 12]);
