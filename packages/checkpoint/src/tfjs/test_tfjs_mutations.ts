import { mutations, random } from '../../../mask/src/test_mutations.ts';
import { memoryBytes } from '../bytes.ts';
import { fixtureBytes, memoryFiles } from '../test_checkpoints.ts';
import type { Damaged } from '../test_damaged.ts';
import { mutateJson } from '../test_json_mutations.ts';

const models: Readonly<Record<string, readonly string[]>> = {
  model: ['group1-shard1of3.bin', 'group1-shard2of3.bin', 'group1-shard3of3.bin', 'group2-shard1of1.bin'],
  manifest: ['manifest.bin'],
  kinds: ['kinds.bin'],
  uint8: ['uint8.bin'],
  uint16: ['uint16.bin'],
  float16: ['float16.bin'],
};

/** A maker of damaged TensorFlow.js models, the same for the same seed: their JSON, and the files beside it. */
export function tfjsMutations(): (seed: number) => Damaged {
  const loaded = Object.entries(models).map(([name, shards]) => ({
    text: new TextDecoder().decode(fixtureBytes(`tfjs/${name}.json`)),
    shards: shards.map((shard): [string, Uint8Array] => [shard, fixtureBytes(`tfjs/${shard}`)]),
  }));
  return (seed) => {
    const draw = random(~seed);
    const { text, shards } = loaded[Math.floor(draw() * loaded.length)];
    const isData = draw() < 0.2;
    const json = isData ? new TextEncoder().encode(text) : mutateJson(text, seed);
    const files = shards.map(([name, data], i): [string, Uint8Array] => [
      name,
      isData && i === 0 ? mutations(data, seed) : data,
    ]);
    return { bytes: memoryBytes(json, 'model.json'), files: memoryFiles(Object.fromEntries(files)) };
  };
}
