// Damages TensorFlow.js models, thousands of times by seed, and reads every tensor of them: each ends in tensors of their
// shapes or in an AtrousError, within 2 s and 200 MB.
//
//   node --expose-gc --conditions=@atrous/source scripts/mutations/tfjs.ts [--count 10000] [--seed 0]
import { tfjsMutations } from '../../packages/checkpoint/src/tfjs/test_tfjs_mutations.ts';
import { readDamaged } from './damaged_checkpoints.ts';

await readDamaged('tfjs', tfjsMutations());
