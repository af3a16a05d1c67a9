// Damages TensorFlow's checkpoints and frozen graphs, thousands of times by seed, and reads every tensor of them: each ends in tensors of their
// shapes or in an AtrousError, within 2 s and 200 MB.
//
//   node --expose-gc --conditions=@atrous/source scripts/mutations/tensorflow.ts [--count 10000] [--seed 0]
import { tensorFlowMutations } from '../../packages/checkpoint/src/tensorflow/test_tensorflow_mutations.ts';
import { readDamaged } from './damaged_checkpoints.ts';

await readDamaged('tensorflow', await tensorFlowMutations());
