import { mutations, random } from '../../../mask/src/test_mutations.ts';
import { readExactly } from '../bytes.ts';
import { fixture } from '../test_fixtures.ts';
import { openZip } from '../zip/open_zip.ts';
import { writeZip } from '../zip/test_zip.ts';

const whole = [
  'torch_legacy.pth',
  'torch_training_legacy.pth',
  'torch_legacy_part.pth',
  'torch_zip.pth',
  'torch_deflated.pth',
];
const zipped = [
  'torch_training.pth',
  'torch_views.pth',
  'torch_kinds.pth',
  'torch_unreadable.pth',
  'torch_script.pt',
];

/** Opcodes and globals: what a pickle makes of its neighbours changes with them. */
const parts = [
  '(',
  't',
  '}',
  ']',
  'R',
  'b',
  'Q',
  'q\x01',
  'h\x01',
  '0',
  '2',
  '\x87',
  'u',
  'e',
  'N',
  'K\x07',
  'M\xff\xff',
  'J\xff\xff\xff\xff',
];
const globals = [
  'torch._utils\n_rebuild_tensor_v2',
  'torch._utils\n_rebuild_qtensor',
  'collections\nOrderedDict',
  'posix\nsystem',
  'torch\nFloatStorage',
  'torch\nSize',
  '__builtin__\nlist',
];

async function filesOf(name: string): Promise<Record<string, Uint8Array>> {
  const zip = await openZip(fixture(name));
  const files: Record<string, Uint8Array> = {};
  for (const entry of zip.entries.values()) {
    const file = await zip.open(entry);
    files[entry.name] = (await readExactly(file, 0, file.size)).slice();
  }
  return files;
}

function mutatePickle(pickle: Uint8Array, seed: number): Uint8Array {
  const draw = random(seed ^ 0x91c);
  const below = (count: number) => Math.floor(draw() * count);
  if (draw() < 0.5) return mutations(pickle, seed);
  const text = draw() < 0.8 ? parts[below(parts.length)] : `c${globals[below(globals.length)]}\n`;
  const piece = Uint8Array.from(text, (char) => char.charCodeAt(0));
  const at = below(pickle.length);
  const replaced = draw() < 0.5 ? 0 : piece.length;
  return Uint8Array.from([...pickle.subarray(0, at), ...piece, ...pickle.subarray(at + replaced)]);
}

/** A maker of damaged PyTorch files, the same for the same seed: files as they lie, or one file in an archive that is sound. */
export async function torchMutations(): Promise<(seed: number) => Uint8Array> {
  const files = await Promise.all(
    whole.map(async (name) => (await readExactly(fixture(name), 0, fixture(name).size)).slice()),
  );
  const archives = await Promise.all(zipped.map(filesOf));
  return (seed) => {
    const draw = random(~seed);
    const below = (count: number) => Math.floor(draw() * count);
    if (draw() < 0.4) return mutations(files[below(files.length)], seed);
    const archive = archives[below(archives.length)];
    const names = Object.keys(archive);
    const pickle = names.find((name) => name.endsWith('/data.pkl')) ?? '';
    const damaged = draw() < 0.9 ? pickle : names[below(names.length)];
    const change = damaged === pickle ? mutatePickle : mutations;
    const content = archive[damaged];
    return writeZip({ ...archive, [damaged]: content.length > 0 ? change(content, seed) : content });
  };
}
