import type { Cursor } from './cursor.ts';

/** What an element is. */
export type Datatype =
  | {
      readonly kind: 'number';
      /** A key of `fileDTypes`. */
      readonly dtype: string;
      /** In bytes. */
      readonly size: number;
      readonly isBigEndian: boolean;
    }
  | { readonly kind: 'text'; readonly size: number }
  /** References to texts of any length in global heaps. */
  | { readonly kind: 'texts'; readonly size: number }
  | { readonly kind: 'bytes'; readonly size: number }
  | { readonly kind: 'other'; readonly size: number; readonly what: string };

const classNames = [
  'integer',
  'float',
  'time',
  'text',
  'bit field',
  'opaque',
  'compound',
  'reference',
  'enumeration',
  'variable length',
  'array',
];

/** Precision, where the exponent lies, its width, where the mantissa lies, its width, bias. */
const floats: Readonly<Record<string, string>> = {
  '16 10 5 0 10 15': 'F16',
  '16 7 8 0 7 127': 'BF16',
  '32 23 8 0 23 127': 'F32',
  '64 52 11 0 52 1023': 'F64',
};

/** Reads a datatype message. Of enumerations (h5py's booleans are one) the numbers are taken. */
export function readDatatype(message: Cursor, depth = 0): Datatype {
  const head = message.uint(1);
  const [kind, bits] = [head & 15, message.uint(3)];
  const size = message.uint(4);
  const isBigEndian = (bits & 1) !== 0;
  const name = classNames[kind] ?? message.fail(`a datatype is of class ${kind}, which is none`);
  const other = (what: string): Datatype => ({ kind: 'other', size, what });
  if (size === 0) message.fail(`a datatype (${name}) of 0 bytes`);
  switch (name) {
    case 'integer': {
      const [offset, precision] = [message.uint(2), message.uint(2)];
      if (offset !== 0 || precision !== size * 8 || ![1, 2, 4, 8].includes(size))
        return other(`integers of ${precision} bits in ${size} bytes`);
      return { kind: 'number', dtype: `${bits & 8 ? 'I' : 'U'}${size * 8}`, size, isBigEndian };
    }
    case 'float': {
      const offset = message.uint(2);
      const fields = [2, 1, 1, 1, 1, 4].map((width) => message.uint(width));
      const dtype = floats[fields.join(' ')];
      const isVax = (bits & 64) !== 0;
      if (!dtype || offset !== 0 || isVax || fields[0] !== size * 8) return other(`floats of ${size} bytes`);
      return { kind: 'number', dtype, size, isBigEndian };
    }
    case 'text':
      return { kind: 'text', size };
    case 'opaque':
      return { kind: 'bytes', size };
    case 'enumeration':
      return depth === 0 ? readDatatype(message, 1) : other(name);
    case 'variable length':
      return (bits & 15) === 1 ? { kind: 'texts', size } : other('lists of variable length');
    default:
      return other(name);
  }
}
