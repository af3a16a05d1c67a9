import type { RuntimeStatus } from '@atrous/segmenter/client';
import { signal } from '@preact/signals';

/** What can be asked for. */
export const runtimeTitles: Readonly<Record<string, string>> = {
  auto: 'Automatic',
  wasm: 'Atrous engine (WASM SIMD)',
  'onnx:webgpu': 'onnxruntime, WebGPU',
  'onnx:wasm': 'onnxruntime, WASM',
  'tfjs:webgpu': 'TensorFlow.js, WebGPU',
  'tfjs:webgl': 'TensorFlow.js, WebGL',
  'tfjs:wasm': 'TensorFlow.js, WASM',
  'tfjs:cpu': 'TensorFlow.js, plain JavaScript',
  reference: 'Reference (slow and obvious)',
};

/** What this browser has; undefined until somebody asks. */
export const statuses = signal<readonly RuntimeStatus[] | undefined>();
