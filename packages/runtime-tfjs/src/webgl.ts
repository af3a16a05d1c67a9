import { lazyRuntime, type TfjsOptions, type TfjsRuntime } from './runtime.ts';
import { bringTf } from './tf.ts';

/** TensorFlow.js on WebGL. */
export function tfjsWebGl({ tf }: TfjsOptions = {}): TfjsRuntime {
  return lazyRuntime('webgl', async () => {
    await import('@tensorflow/tfjs-backend-webgl');
    return bringTf(tf);
  });
}
