import type { RuntimeStatus } from '@atrous/segmenter/client';
import { signal } from '@preact/signals';

/** What can be asked for. */
export const runtimeTitles: Readonly<Record<string, string>> = {
  auto: 'Automatic',
  wasm: 'Atrous engine (WASM SIMD)',
  'wasm:int8': 'In 8 bits, Atrous engine',
  webgpu: 'Atrous engine (WebGPU)',
  'onnx:webgpu': 'onnxruntime, WebGPU',
  'onnx:wasm': 'onnxruntime, WASM',
  'tfjs:webgpu': 'TensorFlow.js, WebGPU',
  'tfjs:webgl': 'TensorFlow.js, WebGL',
  'tfjs:wasm': 'TensorFlow.js, WASM',
  'tfjs:cpu': 'TensorFlow.js, plain JavaScript',
  reference: 'Reference (slow and obvious)',
};

/** What the segmenter is asked for by the name of a title: 8 bits are a way to compute, not a runtime. */
export const segmenterOptions = (name: string): { runtime: string; compute?: 'int8' } =>
  name === 'wasm:int8' ? { runtime: 'wasm', compute: 'int8' } : { runtime: name };

/** What this browser has; undefined until somebody asks. */
export const statuses = signal<readonly RuntimeStatus[] | undefined>();
