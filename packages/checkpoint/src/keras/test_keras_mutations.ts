import { mutations, random } from '../../../mask/src/test_mutations.ts';
import { readExactly } from '../bytes.ts';
import { fixture } from '../test_fixtures.ts';
import { mutateJson } from '../test_json_mutations.ts';
import { openZip } from '../zip/open_zip.ts';
import { writeZip } from '../zip/test_zip.ts';

const files = [
  'keras_same.h5',
  'keras_same_only.h5',
  'keras_same.weights.h5',
  'keras1_names.h5',
  'hdf5_kinds.h5',
  'hdf5_latest.h5',
];
const archives = ['keras_same.keras', 'keras_layers_old.keras'];
const oddities = [
  0n,
  1n,
  7n,
  255n,
  65535n,
  0xffffffffn,
  2n ** 31n,
  2n ** 40n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Changes words of 8 bytes, where HDF5 keeps addresses and lengths: to another of the file, or to what is none. */
function mutateWords(bytes: Uint8Array, seed: number): Uint8Array {
  const draw = random(seed ^ 0x4df5);
  const below = (count: number) => Math.floor(draw() * count);
  const damaged = bytes.slice();
  const view = new DataView(damaged.buffer);
  const used: number[] = [];
  for (let at = 0; at + 8 <= damaged.length; at += 8) if (view.getBigUint64(at, true) !== 0n) used.push(at);
  for (let changes = draw() < 0.7 ? 1 : 1 + below(6); changes > 0; changes--) {
    const at = used[below(used.length)];
    const other = view.getBigUint64(used[below(used.length)], true);
    const near = view.getBigUint64(at, true) + BigInt(below(17) - 8);
    const kind = below(4);
    if (kind === 0) view.setUint8(at + below(8), [0, 1, 2, 127, 255, below(256)][below(6)]);
    else if (kind === 1) view.setUint32(at + 4 * below(2), Number(oddities[below(6)]), true);
    else
      view.setBigUint64(
        at,
        kind === 2 ? other : draw() < 0.5 ? oddities[below(oddities.length)] : near,
        true,
      );
  }
  return damaged;
}

const mutateHdf5 = (bytes: Uint8Array, seed: number): Uint8Array =>
  seed % 4 === 0 ? mutations(bytes, seed) : mutateWords(bytes, seed);

/** A maker of damaged Keras files, the same for the same seed: HDF5 files, or one file in an archive that is sound. */
export async function kerasMutations(): Promise<(seed: number) => Uint8Array> {
  const whole = await Promise.all(files.map(async (name) => allOf(fixture(name))));
  const zipped = await Promise.all(archives.map(filesOf));
  return (seed) => {
    const draw = random(~seed);
    const below = (count: number) => Math.floor(draw() * count);
    if (draw() < 0.8) return mutateHdf5(whole[below(whole.length)], seed);
    const archive = zipped[below(zipped.length)];
    if (draw() < 0.1) return mutations(writeZip(archive), seed);
    const isConfig = draw() < 0.4;
    const name = isConfig ? 'config.json' : 'model.weights.h5';
    const content = isConfig
      ? mutateJson(new TextDecoder().decode(archive[name]), seed)
      : mutateHdf5(archive[name], seed);
    return writeZip({ ...archive, [name]: content });
  };
}

const allOf = async (bytes: Parameters<typeof readExactly>[0]): Promise<Uint8Array> =>
  new Uint8Array(await readExactly(bytes, 0, bytes.size));

async function filesOf(name: string): Promise<Record<string, Uint8Array>> {
  const zip = await openZip(fixture(name));
  const found: Record<string, Uint8Array> = {};
  for (const entry of zip.entries.values()) found[entry.name] = await allOf(await zip.open(entry));
  return found;
}
