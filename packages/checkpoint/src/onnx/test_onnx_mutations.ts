import { mutations, random } from '../../../mask/src/test_mutations.ts';
import { memoryBytes } from '../bytes.ts';
import { mutateMessage } from '../protobuf/test_message_mutations.ts';
import { fixtureBytes, memoryFiles } from '../test_checkpoints.ts';
import type { Damaged } from '../test_damaged.ts';

const names = ['raw', 'lists', 'kinds', 'kinds', 'external', 'torch_folded', 'torch_blocks', 'torch_shared'];

/** A maker of damaged ONNX files, the same for the same seed: bytes of them, fields of their messages, and what lies beside them. */
export function onnxMutations(): (seed: number) => Damaged {
  const models = names.map((name) => fixtureBytes(`onnx_${name}.onnx`));
  const data = fixtureBytes('onnx_external.data');
  return (seed) => {
    const draw = random(~seed);
    const model = models[Math.floor(draw() * models.length)];
    const mutate = draw() < 0.3 ? mutations : mutateMessage;
    const beside = draw() < 0.8 ? data : mutations(data, seed);
    return {
      bytes: memoryBytes(mutate(model, seed), 'weights'),
      files: memoryFiles({ 'onnx_external.data': beside }),
    };
  };
}
