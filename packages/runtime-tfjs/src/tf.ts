import { oneByOne } from '@atrous/tensor/turns';

/** TensorFlow.js' core: ours, or the one that an app already has. */
export type Tf = typeof import('@tensorflow/tfjs-core');

/** TensorFlow.js as we bring it where an app has none: without advice on the console. */
export async function bringTf(own?: Tf): Promise<Tf> {
  if (own) return own;
  const tf = await import('@tensorflow/tfjs-core');
  tf.env().set('PROD', true);
  return tf;
}

/** Engine and backend are global: whoever uses them does so in turn. */
export const inTurn: ReturnType<typeof oneByOne> = oneByOne();

/** Does something on a backend, and gives the app its own back. @throws where the backend does not initialise */
export async function onBackend<T>(tf: Tf, backend: string, task: () => Promise<T>): Promise<T> {
  const before = tf.engine().backendName;
  try {
    // it names itself as the backend in use even where it did not initialise
    if (!(await tf.setBackend(backend))) throw new Error('it does not initialise here');
    return await task();
  } finally {
    if (before && before !== backend) await tf.setBackend(before);
  }
}
