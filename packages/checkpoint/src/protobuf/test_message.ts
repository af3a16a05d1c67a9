import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** A field's value: a number as a varint, bits of 4 bytes, bytes, a text, or a message. */
type Value = number | { readonly fixed32: number } | Uint8Array | string | Message;
export type Message = readonly (readonly [number: number, value: Value])[];

/** A message from numbers and values of its fields. */
export function encodeMessage(message: Message): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  for (const [number, value] of message) {
    if (typeof value === 'number') writer.tag(number, WireType.Varint).int64(value);
    else if (typeof value === 'string') writer.tag(number, WireType.LengthDelimited).string(value);
    else if (value instanceof Uint8Array) writer.tag(number, WireType.LengthDelimited).bytes(value);
    else if ('fixed32' in value) writer.tag(number, WireType.Bit32).fixed32(value.fixed32);
    else writer.tag(number, WireType.LengthDelimited).bytes(encodeMessage(value));
  }
  return writer.finish();
}
