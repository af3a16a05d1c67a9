import { Builder } from 'flatbuffers';
import { type Options, optionNumbers, type Table, type TableName, tables } from './schema.ts';

/** A vector of bytes behind the head of a file: how long it is, and where the head says where it lies. */
interface Place {
  /** The 4 bytes that point to the vector, counted from the head's end. */
  readonly position: number;
  /** Which vector: the number that stands in the table's field. */
  readonly index: number;
}

const identifier = 'TFL3';
/** TensorFlow Lite reads numbers in place, on boundaries of 16 bytes. */
const alignment = 16;

const aligned = (offset: number): number => Math.ceil(offset / alignment) * alignment;

type Put = (builder: Builder, slot: number, value: number) => void;

/** What lies in the table itself. Numbers are written even where they are the schema's default. */
const scalars: Readonly<Record<string, Put>> = {
  bool: (builder, slot, value) => builder.addFieldInt8(slot, Number(value), 0),
  int8: (builder, slot, value) => builder.addFieldInt8(slot, value, 0),
  int32: (builder, slot, value) => builder.addFieldInt32(slot, value, 0),
  float32: (builder, slot, value) => builder.addFieldFloat32(slot, value, 0),
};

const vectors: Readonly<Record<string, { bytes: number; add: (builder: Builder, value: number) => void }>> = {
  'int32[]': { bytes: 4, add: (builder, value) => builder.addInt32(value) },
  'int64[]': { bytes: 8, add: (builder, value) => builder.addInt64(BigInt(value)) },
  'float32[]': { bytes: 4, add: (builder, value) => builder.addFloat32(value) },
};

/** Writes the numbers of a vector, last first, as a flatbuffer grows. */
function writeVector(
  builder: Builder,
  values: ArrayLike<number>,
  bytes: number,
  add: (builder: Builder, value: number) => void,
): number {
  builder.startVector(bytes, values.length, bytes);
  for (let i = values.length - 1; i >= 0; i--) add(builder, values[i]);
  return builder.endVector();
}

/** Writes what a field refers to and returns its offset. */
function writeReferred(builder: Builder, kind: string, value: unknown, places: Place[]): number {
  if (kind === 'string') return builder.createSharedString(value as string);
  if (kind === 'options') {
    const [name, fields] = value as Options;
    return writeTable(builder, name, fields, places);
  }
  const vector = vectors[kind];
  if (vector) return writeVector(builder, value as ArrayLike<number>, vector.bytes, vector.add);
  if (!kind.endsWith('[]')) return writeTable(builder, kind as TableName, value as Table<TableName>, places);
  const name = kind.slice(0, -2) as TableName;
  const offsets = (value as readonly Table<TableName>[]).map((table) =>
    writeTable(builder, name, table, places),
  );
  return writeVector(builder, offsets, 4, (_builder, offset) => builder.addOffset(offset));
}

/** A field as the table itself holds it: a number, an offset, or the number of a vector behind the head. */
interface Written {
  readonly slot: number;
  readonly kind: string;
  readonly value: number;
}

/** Writes a table after all that it refers to, and returns its offset. */
function writeTable<N extends TableName>(
  builder: Builder,
  name: N,
  values: Table<N>,
  places: Place[],
): number {
  const fields = Object.entries(tables[name]) as [keyof Table<N>, readonly [number, string]][];
  const given = fields.flatMap(([field, [slot, kind]]): Written[] => {
    const value: unknown = values[field];
    if (value === undefined) return [];
    if (kind in scalars || kind === 'data') return [{ slot, kind, value: Number(value) }];
    const written = { slot, kind: 'offset', value: writeReferred(builder, kind, value, places) };
    if (kind !== 'options') return [written];
    const [member] = value as Options;
    return [{ slot: slot - 1, kind: 'int8', value: optionNumbers[member] }, written];
  });
  builder.startObject(Math.max(0, ...fields.map(([, [slot]]) => slot + 1)));
  for (const { slot, kind, value } of given) {
    if (kind in scalars) scalars[kind](builder, slot, value);
    else if (kind === 'offset') builder.addFieldOffset(slot, value, 0);
    else {
      builder.addFieldInt32(slot, 0, 0); // filled in when the head's length is known
      places.push({ position: builder.offset(), index: value });
    }
  }
  return builder.endObject();
}

/** The head of a file, and where in the file the bytes of each vector of `data` begin: each after its length in 4 bytes. */
export interface FramedFile {
  readonly head: Uint8Array;
  readonly starts: readonly number[];
  readonly size: number;
}

/**
 * A model as the head of a file, after which the vectors of its buffers lie in order, so that they need not be in memory
 * together. A flatbuffer refers forward by distance: a field that refers to one of them is filled in when the head's
 * length is known.
 * @param lengths the bytes of each vector; a buffer's `data` is an index into them
 */
export function frameModel(model: Table<'Model'>, lengths: readonly number[]): FramedFile {
  const builder = new Builder(65_536);
  builder.forceDefaults(true);
  const places: Place[] = [];
  builder.finish(writeTable(builder, 'Model', model, places), identifier);
  const head = builder.asUint8Array();
  const starts: number[] = [];
  let end = head.byteLength;
  for (const length of lengths) {
    starts.push(aligned(end + 4));
    end = starts[starts.length - 1] + length;
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (const { position, index } of places) {
    const at = head.byteLength - position;
    view.setUint32(at, starts[index] - 4 - at, true);
  }
  return { head, starts, size: end };
}

/** The bytes between what was written and the bytes of the next vector: zeros, then its length. */
export function vectorHead(written: number, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(start - written);
  new DataView(bytes.buffer).setUint32(bytes.byteLength - 4, length, true);
  return bytes;
}
