import type { Fail } from '../fail.ts';
import { numpyScalar } from './numpy_scalar.ts';
import { NumpyArray, NumpyDType, PickleGlobal, PickleRecord } from './values.ts';

type Make = (args: readonly unknown[], fail: Fail) => unknown;

/** A dictionary, empty or of a list of pairs. */
const dictionary: Make = ([items = []], fail) => {
  if (items instanceof Map) return new Map(items);
  const isPairs = Array.isArray(items) && items.every((pair) => Array.isArray(pair) && pair.length === 2);
  return new Map(
    isPairs ? (items as [unknown, unknown][]) : fail('a dictionary is made of what are no pairs'),
  );
};
const list: Make = ([items = []], fail) =>
  Array.isArray(items) || items instanceof Set ? [...items] : fail('a list is made of what is none');
const set: Make = (args, fail) => new Set(list(args, fail) as unknown[]);
const record =
  (name: string): Make =>
  () =>
    new PickleRecord(name);
const isText = (value: unknown): value is string => typeof value === 'string';
const path: Make = (parts, fail) =>
  parts.every(isText) ? parts.join('/') : fail('a path is made of what is no text');
const array: Make = () => new NumpyArray();
const dtype: Make = ([code], fail) =>
  isText(code) ? new NumpyDType(code) : fail('a NumPy dtype is made of what is no text');
/** How Python 3 writes bytes for protocols that have none: as text with a code below 256 for each. */
const bytes: Make = ([text], fail) => {
  if (!isText(text)) return fail('bytes are made of what is no text');
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
};

const makers: Readonly<Record<string, Make | undefined>> = {
  'collections.OrderedDict': dictionary,
  'collections.Counter': dictionary,
  'collections.defaultdict': () => new Map(),
  'builtins.dict': dictionary,
  'builtins.list': list,
  'builtins.tuple': list,
  'builtins.set': set,
  'builtins.frozenset': set,
  'builtins.int': undefined,
  'builtins.float': undefined,
  'builtins.bool': undefined,
  'builtins.str': undefined,
  'builtins.complex': () => null, // no weight or setting that anybody asks for
  'builtins.bytearray': ([content = ''], fail) =>
    content instanceof Uint8Array ? content : bytes([content], fail),
  '_codecs.encode': bytes,
  'argparse.Namespace': record('argparse.Namespace'),
  'types.SimpleNamespace': record('types.SimpleNamespace'),
  'pathlib.PosixPath': path,
  'pathlib.WindowsPath': path,
  'pathlib.PurePosixPath': path,
  'numpy.dtype': dtype,
  'numpy.ndarray': undefined,
  ...Object.fromEntries(
    ['numpy.core', 'numpy._core'].flatMap((core) => [
      [`${core}.multiarray._reconstruct`, array],
      [`${core}.multiarray.scalar`, numpyScalar],
      [`${core}.numeric._frombuffer`, array],
    ]),
  ),
};

/** What pickles of any origin may ask for: plain data that training keeps beside weights. */
export const plainGlobals: ReadonlyMap<string, PickleGlobal> = new Map(
  Object.entries(makers).map(([name, make]) => [name, new PickleGlobal(name, make)]),
);
