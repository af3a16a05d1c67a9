import type { RuntimePlatform } from './runtimes.ts';

/** The runtimes of browsers: our own, and the names of those that `runtimes` may bring. */
export const platformRuntimes: RuntimePlatform = {
  own: {
    wasm: async (options) => (await import('@atrous/runtime-wasm')).wasm(options),
    reference: async () => (await import('@atrous/graph/reference')).referenceRuntime,
  },
  known: {
    webgpu: '@atrous/runtime-webgpu',
    'onnx:webgpu': '@atrous/runtime-onnx',
    wasm: '@atrous/runtime-wasm',
    'onnx:wasm': '@atrous/runtime-onnx',
    'tfjs:wasm': '@atrous/runtime-tfjs',
    'tfjs:webgl': '@atrous/runtime-tfjs',
    'tfjs:webgpu': '@atrous/runtime-tfjs',
    'tfjs:cpu': '@atrous/runtime-tfjs',
    reference: '@atrous/graph',
  },
  choices: {
    auto: ['webgpu', 'onnx:webgpu', 'wasm', 'onnx:wasm'],
    onnx: ['onnx:webgpu', 'onnx:wasm'],
    tfjs: ['tfjs:webgpu', 'tfjs:webgl', 'tfjs:wasm', 'tfjs:cpu'],
  },
};
