// Damages Keras' files (HDF5 and archives), thousands of times by seed, and reads every tensor of them: each ends in
// tensors of their shapes or in an AtrousError, within 2 s and 200 MB.
//
//   node --expose-gc --conditions=@atrous/source scripts/mutations/hdf5.ts [--count 10000] [--seed 0]
import { kerasMutations } from '../../packages/checkpoint/src/keras/test_keras_mutations.ts';
import { readDamaged } from './damaged_checkpoints.ts';

await readDamaged('keras', await kerasMutations());
