import { mutations } from '../../../mask/src/test_mutations.ts';
import { memoryBytes } from '../bytes.ts';
import { noFiles } from '../model_files.ts';
import { fixtureBytes } from '../test_checkpoints.ts';
import type { Damaged } from '../test_damaged.ts';
import { gzip, writeTar } from './test_tar.ts';

/** A maker of damaged archives, the same for the same seed: packed ones and others, as POSIX's and GNU's tar write them. */
export async function tarMutations(): Promise<(seed: number) => Damaged> {
  const folder = `${'deeplabv3_'.repeat(11)}people/`; // too long for a header
  const names = ['same.index', 'same.data-00000-of-00001'];
  const bundle = Object.fromEntries(names.map((name) => [folder + name, fixtureBytes(`tensorflow/${name}`)]));
  const frozen = { 'frozen_inference_graph.pb': fixtureBytes('tensorflow/frozen.pb') };
  const archives = [
    writeTar(bundle),
    writeTar(bundle, { style: 'gnu', binarySizes: true }),
    writeTar(frozen),
    await gzip(writeTar(bundle)),
  ];
  return (seed) => ({
    bytes: memoryBytes(mutations(archives[seed % archives.length], seed), 'zoo.tar.gz'),
    files: noFiles,
  });
}
