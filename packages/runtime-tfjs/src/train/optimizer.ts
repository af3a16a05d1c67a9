import type { NamedTensorMap, Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../tf.ts';
import type { FinetuneOptions } from './options.ts';

/** What they take and `variableGrads` gives have different names for one type. */
type Gradients = { [name: string]: Variable };

/** TensorFlow.js' optimizers, with the learning rate of each step. */
export function openOptimizer(
  tf: Tf,
  options: FinetuneOptions,
): { apply(gradients: NamedTensorMap, learningRate: number): void; dispose(): void } {
  const first = firstRate(options);
  if (options.optimizer === 'sgd') {
    const sgd = tf.train.momentum(first, options.momentum ?? 0.9);
    return {
      apply(gradients, learningRate) {
        sgd.setLearningRate(learningRate);
        sgd.applyGradients(gradients as unknown as Gradients);
      },
      dispose() {
        sgd.dispose();
        tf.SGDOptimizer.prototype.dispose.call(sgd); // which its child forgets
      },
    };
  }
  const adam = tf.train.adam(first);
  return {
    apply(gradients, learningRate) {
      // Adam reads its rate at each step, and has no setter for it.
      Object.assign(adam, { learningRate });
      adam.applyGradients(gradients as unknown as Gradients);
    },
    dispose: () => adam.dispose(),
  };
}

/** The learning rate of the first step. */
export const firstRate = ({ learningRate, optimizer }: FinetuneOptions): number =>
  learningRate ?? (optimizer === 'sgd' ? 1e-2 : 1e-3);
