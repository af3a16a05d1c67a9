import { lazyRuntime, type TfjsOptions, type TfjsRuntime } from './runtime.ts';
import { bringTf } from './tf.ts';

/** TensorFlow.js on plain JavaScript: slow, and everywhere. */
export function tfjsCpu({ tf }: TfjsOptions = {}): TfjsRuntime {
  return lazyRuntime('cpu', async () => {
    await import('@tensorflow/tfjs-backend-cpu');
    return bringTf(tf);
  });
}
