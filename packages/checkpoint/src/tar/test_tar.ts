import { blockSize } from './header.ts';

/** How an archive's headers are written. */
export interface TarOddities {
  /** `ustar`: POSIX's before its attributes, with folders in a field of their own. @default posix */
  readonly style?: 'posix' | 'ustar' | 'gnu' | 'old';
  /** Sizes as attributes, as POSIX writes those of 8 GiB and more. */
  readonly sizeAttributes?: boolean;
  /** Sizes in binary, as GNU writes those of 8 GiB and more. */
  readonly binarySizes?: boolean;
  /** Of each file; `0` is a file. */
  readonly type?: string;
}

const encoder = new TextEncoder();

/** A tar archive in memory, written as POSIX's or GNU's tar does. */
export function writeTar(
  files: Readonly<Record<string, Uint8Array>>,
  { style = 'posix', sizeAttributes = false, binarySizes = false, type = '0' }: TarOddities = {},
): Uint8Array<ArrayBuffer> {
  const blocks: Uint8Array[] = [];
  const add = (name: string, content: Uint8Array, type: string) => {
    blocks.push(header(name, content.length, type, style, binarySizes), padded(content));
  };
  for (const [name, content] of Object.entries(files)) {
    const isLong = encoder.encode(name).length > 100;
    if (isLong && style === 'gnu') add('././@LongLink', encoder.encode(`${name}\0`), 'L');
    if (isLong && style === 'posix') add('PaxHeaders/0', record('path', name), 'x');
    if (sizeAttributes) add('PaxHeaders/1', record('size', String(content.length)), 'x');
    const begin = blocks.length;
    add(name.slice(style === 'ustar' ? name.lastIndexOf('/') + 1 : 0).slice(0, 100), content, type);
    if (sizeAttributes) rewrite(blocks[begin], 124, '0'.repeat(11));
    if (style === 'ustar') rewrite(blocks[begin], 345, name.slice(0, Math.max(0, name.lastIndexOf('/'))));
    if (style === 'gnu') rewrite(blocks[begin], 345, '14717265540'); // when it was read last
  }
  blocks.push(new Uint8Array(2 * blockSize));
  const all = new Uint8Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  return all;
}

/** Packs by gzip. */
export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function header(name: string, size: number, type: string, style: string, binarySize: boolean): Uint8Array {
  const block = new Uint8Array(blockSize);
  const put = (text: string, at: number) => block.set(encoder.encode(text), at);
  block.set(encoder.encode(name).subarray(0, 100));
  put(`${size.toString(8).padStart(11, '0')}\0`, 124);
  if (binarySize) {
    block.fill(0, 124, 136);
    block[124] = 0x80;
    new DataView(block.buffer).setUint32(132, size);
  }
  block[156] = style === 'old' && type === '0' ? 0 : type.charCodeAt(0);
  if (style !== 'old') put(style === 'gnu' ? 'ustar  \0' : 'ustar\x0000', 257);
  rewrite(block, 100, '0000644\0');
  return block;
}

/** Writes a text into a header, and its checksum. */
function rewrite(block: Uint8Array, at: number, text: string): void {
  block.set(encoder.encode(text), at);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.set(encoder.encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
}

/** An attribute, after the length of its record in bytes, which counts itself. */
function record(key: string, value: string): Uint8Array {
  const rest = encoder.encode(` ${key}=${value}\n`).length;
  let length = rest + 1;
  while (rest + String(length).length !== length) length = rest + String(length).length;
  return encoder.encode(`${length} ${key}=${value}\n`);
}

function padded(content: Uint8Array): Uint8Array {
  const block = new Uint8Array(Math.ceil(content.length / blockSize) * blockSize);
  block.set(content);
  return block;
}
