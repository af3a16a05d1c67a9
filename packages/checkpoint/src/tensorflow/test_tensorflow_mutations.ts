import { mutations, random } from '../../../mask/src/test_mutations.ts';
import { memoryBytes } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { mutateMessage, varint } from '../protobuf/test_message_mutations.ts';
import { fixtureBytes, memoryFiles } from '../test_checkpoints.ts';
import type { Damaged } from '../test_damaged.ts';
import { readTable } from './table.ts';
import { makeTable } from './test_table.ts';

const checkpoints = ['same', 'kinds', 'parts', 'objects', 'unnamed'];
const fail: Fail = (why) => {
  throw new Error(why);
};

/** Snappy's simplest: everything in literals of up to 60 bytes. */
function inLiterals(block: Uint8Array): Uint8Array {
  const pieces: number[] = [...varint(BigInt(block.length))];
  for (let at = 0; at < block.length; at += 60) {
    const piece = block.subarray(at, at + 60);
    pieces.push((piece.length - 1) << 2, ...piece);
  }
  return Uint8Array.from(pieces);
}

async function load(name: string) {
  const index = fixtureBytes(`tensorflow/${name}.index`);
  const data = fixtureBytes(`tensorflow/${name}.data-00000-of-00001`);
  return { name, index, data, entries: [...(await readTable(memoryBytes(index, name), fail))] };
}

/**
 * A maker of damaged checkpoints and frozen graphs, the same for the same seed: bytes of an index or of data, entries of
 * an index whose checksums are right again, compressed blocks, and fields of graphs.
 */
export async function tensorFlowMutations(): Promise<(seed: number) => Damaged> {
  const loaded = await Promise.all(checkpoints.map(load));
  const snappy = fixtureBytes('tensorflow/snappy.index');
  const graphs = ['frozen', 'kinds'].map((name) => fixtureBytes(`tensorflow/${name}.pb`));
  return (seed) => {
    const draw = random(~seed);
    const below = (count: number) => Math.floor(draw() * count);
    const kind = below(10);
    if (kind < 3) {
      const mutate = draw() < 0.3 ? mutations : mutateMessage;
      return { bytes: memoryBytes(mutate(graphs[below(2)], seed), 'a.pb'), files: memoryFiles({}) };
    }
    const { name, index, data, entries } = loaded[below(loaded.length)];
    const at = below(entries.length);
    const [key, value] = entries[at];
    const damagedKey = () =>
      String.fromCharCode(
        ...mutations(
          Uint8Array.from(`${key}?`, (c) => c.charCodeAt(0)),
          seed,
        ),
      );
    const damagedIndex = (): Uint8Array => {
      if (kind === 3) return mutations(index, seed);
      if (kind === 4) return makeTable(entries.with(at, [damagedKey(), value]));
      if (kind === 5)
        return makeTable(entries, { number: 1, compress: (block) => mutations(inLiterals(block), seed) });
      if (kind === 6) return makeTable(entries, { number: 0, compress: (block) => mutations(block, seed) });
      return makeTable(entries.with(at, [key, mutateMessage(value, seed)]));
    };
    const bytes = kind === 5 && draw() < 0.3 ? mutations(snappy, seed) : damagedIndex();
    const files = memoryFiles({
      [`${name}.data-00000-of-00001`]: draw() < 0.8 ? data : mutations(data, seed),
    });
    return { bytes: memoryBytes(bytes, `${name}.index`), files };
  };
}
