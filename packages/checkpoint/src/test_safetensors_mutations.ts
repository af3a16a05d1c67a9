import { mutations, random } from '../../mask/src/test_mutations.ts';
import { mutateJson } from './test_json_mutations.ts';

const sound = {
  __metadata__: { format: 'pt', made: 'by hand' },
  'conv.weight': { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
  'conv.bias': { dtype: 'F16', shape: [2], data_offsets: [24, 28] },
  empty: { dtype: 'F32', shape: [0, 4], data_offsets: [28, 28] },
  tiny: { dtype: 'F4', shape: [4], data_offsets: [28, 30] },
  count: { dtype: 'I64', shape: [], data_offsets: [30, 38] },
};

/** A header and data as a file; the length of the header may be another than its own. */
function fileOf(header: Uint8Array, data: Uint8Array, length: number = header.length): Uint8Array {
  const file = new Uint8Array(8 + header.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(header, 8);
  file.set(data, 8 + header.length);
  return file;
}

/** A damaged safetensors file, the same for the same seed: the file as it lies, or its header with a length that fits again. */
export function mutateSafetensors(seed: number): Uint8Array {
  const draw = random(seed ^ 0x5afe);
  const text = JSON.stringify(sound);
  const data = Uint8Array.from({ length: 38 }, (_, i) => (i < 32 ? (i * 37) % 251 : 0));
  if (draw() < 0.3) return mutations(fileOf(new TextEncoder().encode(text), data), seed);
  const header = mutateJson(text, seed);
  const lies = [header.length - 1, header.length + 1, 0, 2 ** 40];
  if (draw() < 0.05) return fileOf(header, data, lies[Math.floor(draw() * lies.length)]);
  return fileOf(header, data);
}
