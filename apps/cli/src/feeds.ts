import { type ByteSource, openSafetensors } from '@atrous/checkpoint';
import {
  AtrousError,
  describeSpec,
  fits,
  floatsOf,
  type Ports,
  sizeOf,
  type Tensor,
  type TensorSpec,
  tensor,
} from '@atrous/tensor';

/** What a tensor of the file is fed as: every float kind as float32. */
const fedAs = ({ dtype, shape }: TensorSpec): TensorSpec => ({
  dtype: dtype === 'float16' ? 'float32' : dtype,
  shape,
});

/** A name of any file, short enough for a message. */
const quoted = (name: string): string => `"${name.length > 80 ? `${name.slice(0, 80)}…` : name}"`;

/** Throws where a feed has a number that no picture has: networks and runtimes make anything of NaN and infinity. */
function refuseNonFinite(what: string, { data }: Tensor): void {
  const at = (data as Float32Array).findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new AtrousError('input', `${what}: element ${at} is ${data[at]}, expected finite numbers`);
}

/**
 * Reads what a network is fed with from a safetensors file. Names, dtypes and shapes are checked before any number is
 * read; numbers are finite.
 * @param inputs the network's inputs
 * @throws AtrousError `format` for a file that is none, `input` for a missing or unknown name and for numbers that are
 * not finite, `shape` for a tensor that does not fit
 */
export async function readFeeds(bytes: ByteSource, inputs: Ports): Promise<Record<string, Tensor>> {
  const file = await openSafetensors(bytes);
  const names = new Set(file.names);
  const expected = Object.keys(inputs).join(', ');
  for (const name of names) {
    if (!Object.hasOwn(inputs, name))
      throw new AtrousError(
        'input',
        `${bytes.name}: unknown feed ${quoted(name)}: the network takes ${expected}`,
      );
  }
  for (const [name, port] of Object.entries(inputs)) {
    const what = `${bytes.name}: feed "${name}"`;
    if (!names.has(name)) throw new AtrousError('input', `${what} is missing: the network takes ${expected}`);
    const spec = fedAs(file.spec(name));
    if (!fits(spec, port))
      throw new AtrousError('shape', `${what}: expected ${describeSpec(port)}, got ${describeSpec(spec)}`);
    if (sizeOf(spec.shape) === 0) throw new AtrousError('shape', `${what}: ${describeSpec(spec)} is empty`);
  }
  const feeds: Record<string, Tensor> = {};
  for (const [name, { dtype }] of Object.entries(inputs)) {
    const read = await file.read(name);
    feeds[name] = dtype === 'float32' ? tensor('float32', read.shape, floatsOf(read)) : read;
    refuseNonFinite(`${bytes.name}: feed "${name}"`, feeds[name]);
  }
  return feeds;
}
