// Damages ONNX files, thousands of times by seed, and reads every tensor of them: each ends in tensors of their
// shapes or in an AtrousError, within 2 s and 200 MB.
//
//   node --expose-gc --conditions=@atrous/source scripts/mutations/onnx.ts [--count 10000] [--seed 0]
import { onnxMutations } from '../../packages/checkpoint/src/onnx/test_onnx_mutations.ts';
import { readDamaged } from './damaged_checkpoints.ts';

await readDamaged('onnx', onnxMutations());
