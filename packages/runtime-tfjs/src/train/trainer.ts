import { type Graph, weightShapes } from '@atrous/graph';
import { confusionMatrix, countInto, labelMap, type Scores, scoresOf } from '@atrous/mask';
import { AtrousError, type Tensor, tensor } from '@atrous/tensor';
import { nextTurn } from '@atrous/tensor/turns';
import type { Scalar, Tensor as TfTensor, Variable } from '@tensorflow/tfjs-core';
import { inTurn, onBackend, type Tf } from '../tf.ts';
import { theirShapes } from '../weights.ts';
import { type Batch, groupByShape } from './batch.ts';
import { add, resize } from './gradients.ts';
import { maskedCrossEntropy } from './loss.ts';
import { forward, gatherStatistics, type Statistics } from './network.ts';
import { openOptimizer } from './optimizer.ts';
import type { FinetuneOptions } from './options.ts';

/** Variables on a backend, and what is done with them. */
export interface Trainer {
  /** One step on some pictures. @returns the loss */
  step(batches: readonly Batch[], learningRate: number): Promise<number>;
  evaluate(batches: readonly Batch[]): Promise<Scores>;
  /** The weights as they are now, by our names. */
  read(): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

export async function openTrainer(
  tf: Tf,
  backend: string,
  graph: Graph,
  weights: ReadonlyMap<string, Float32Array>,
  options: FinetuneOptions,
): Promise<Trainer> {
  const { classes, ignoreId = 255, classWeights, batchNorm: mode = 'frozen' } = options;
  const convention = options.resize ?? 'half-pixel';
  const turn = <T>(task: () => Promise<T>) => inTurn(() => onBackend(tf, backend, task));
  const shapes = weightShapes(graph);
  const theirs = theirShapes(graph);
  const parameters = new Map<string, Variable>();
  let optimizer: ReturnType<typeof openOptimizer>;
  await turn(async () => {
    for (const [name, data] of weights) {
      const isStatistic = /\/(mean|variance)$/.test(name);
      const initial = tf.tensor(data, theirs.get(name)!);
      parameters.set(name, tf.variable(initial, !isStatistic));
      initial.dispose();
    }
    optimizer = openOptimizer(tf, options);
  });
  const trainable = [...parameters.values()].filter(({ trainable: learns }) => learns);
  const statistics: Statistics = new Map();
  const upload = (batch: Batch): Record<string, TfTensor> =>
    Object.fromEntries(
      Object.entries(batch.feeds).map(([name, { data, shape }]) => [
        name,
        tf.tensor(data as Float32Array, [...shape]),
      ]),
    );
  const logitsOf = (batch: Batch, isLearning: boolean) =>
    forward(tf, graph, upload(batch), parameters, {
      mode,
      ...(isLearning && { statistics }),
    }).logits;

  return {
    step: (batches, learningRate) =>
      turn(async () => {
        const groups = groupByShape(batches);
        const { value, grads } = tf.variableGrads(() => {
          const losses = groups.map((group) => {
            const { height, width, data } = group.labels;
            const batch = data.length / (height * width);
            const logits = resize(tf, logitsOf(group, true), [height, width], convention);
            return maskedCrossEntropy(tf, logits, {
              labels: data,
              shape: [batch, height, width],
              classes,
              ignoreId,
              classWeights,
              share: batch / batches.length,
            });
          });
          return losses.reduce((sum, loss) => add(tf, sum, loss)) as Scalar;
        }, trainable);
        try {
          const [loss] = await value.data();
          if (!Number.isFinite(loss)) {
            const names = batches.flatMap(({ names: own }) => own).join(', ');
            throw new AtrousError(
              'runtime',
              `training: the loss became ${loss} at ${names}: lower the learning rate, or look at what is in that picture`,
            );
          }
          optimizer.apply(grads, learningRate);
          if (mode === 'live') gatherStatistics(tf, parameters, statistics);
          return loss;
        } finally {
          value.dispose();
          for (const gradient of Object.values(grads)) gradient.dispose();
          for (const { mean, variance } of statistics.values()) tf.dispose([mean, variance]);
          statistics.clear();
        }
      }),
    async evaluate(batches) {
      const matrix = confusionMatrix(classes);
      for (const batch of batches) {
        const { height, width } = batch.labels;
        const logits = await turn(async () => {
          const value = tf.tidy(() => logitsOf(batch, false));
          try {
            return tensor('float32', value.shape, (await value.data()).slice() as Float32Array);
          } finally {
            value.dispose();
          }
        });
        const { labels } = labelMap(logits, { height, width, resize: convention });
        countInto(matrix, labels, batch.labels, ignoreId);
        await nextTurn();
      }
      return scoresOf(matrix);
    },
    async read() {
      const all: Record<string, Tensor> = {};
      for (const [name, variable] of parameters) {
        const data = (await variable.data()).slice() as Float32Array;
        all[name] = tensor('float32', shapes.get(name)!, data);
      }
      return all;
    },
    dispose: () =>
      turn(async () => {
        for (const variable of parameters.values()) variable.dispose();
        optimizer.dispose();
      }),
  };
}
