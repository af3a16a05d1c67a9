import type { Node } from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from './tf.ts';

/** Operators that can make an ordinary number of NaN or infinity: clamps, maxima, and what is compared. */
const hiding = new Set<string>(['activation', 'pool', 'softmax', 'arg_max']);

/** Values that are looked at before an operator hides that they are none. */
export interface ValueWatch {
  /** To be called before each node is computed. */
  before(node: Node, values: ReadonlyMap<string, Tensor>): void;
  /** @throws AtrousError `runtime` that names the first node whose value holds NaN or infinity */
  finish(): Promise<void>;
  dispose(): void;
}

/**
 * Watches one run. TensorFlow.js' WASM backend clamps NaN to 0 where other runtimes hand it on, so that broken weights
 * would end in a mask. Of each value only the mean is kept, which is no number where one of its elements is none.
 */
export function watchValues(tf: Tf): ValueWatch {
  const means = new Map<string, Tensor>();
  return {
    before({ op, inputs: [name] }, values) {
      if (hiding.has(op.kind) && !means.has(name)) means.set(name, tf.mean(values.get(name)!));
    },
    async finish() {
      if (means.size === 0) return;
      const all = tf.tidy(() => tf.stack([...means.values()]));
      const found = await all.data().finally(() => all.dispose());
      const at = [...found].findIndex((mean) => !Number.isFinite(mean));
      if (at < 0) return;
      throw new AtrousError(
        'runtime',
        `the value of "${[...means.keys()][at]}" holds NaN or infinity: the weights or the feeds are broken`,
      );
    },
    dispose() {
      for (const mean of means.values()) mean.dispose();
    },
  };
}
