// Damages tar archives, thousands of times by seed, and reads every tensor of them: each ends in tensors of their
// shapes or in an AtrousError, within 2 s and 200 MB.
//
//   node --expose-gc --conditions=@atrous/source scripts/mutations/tar.ts [--count 10000] [--seed 0]
import { tarMutations } from '../../packages/checkpoint/src/tar/test_tar_mutations.ts';
import { readDamaged } from './damaged_checkpoints.ts';

await readDamaged('tar', await tarMutations());
