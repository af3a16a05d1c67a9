import { lazyRuntime, type TfjsOptions, type TfjsRuntime } from './runtime.ts';
import { bringTf } from './tf.ts';

/** TensorFlow.js on WebGPU. */
export function tfjsWebGpu({ tf }: TfjsOptions = {}): TfjsRuntime {
  return lazyRuntime('webgpu', async () => {
    await import('@tensorflow/tfjs-backend-webgpu');
    return bringTf(tf);
  });
}
