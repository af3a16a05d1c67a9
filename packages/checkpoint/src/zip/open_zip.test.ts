import { expect, test } from 'vitest';
import { memoryBytes, readExactly } from '../bytes.ts';
import { fixture } from '../test_fixtures.ts';
import { inflate } from './inflate.ts';
import { openZip } from './open_zip.ts';
import { writeZip } from './test_zip.ts';

const files = {
  'a/one.txt': new TextEncoder().encode('first'),
  'a/empty': new Uint8Array(0),
  ü: Uint8Array.of(1, 2, 3),
};
const open = (archive: Uint8Array) => openZip(memoryBytes(archive, 'here.zip'));

async function unzip(archive: Uint8Array): Promise<Record<string, Uint8Array>> {
  const zip = await open(archive);
  const unpacked: Record<string, Uint8Array> = {};
  for (const [name, entry] of zip.entries) {
    const file = await zip.open(entry);
    unpacked[name] = await readExactly(file, 0, file.size);
  }
  return unpacked;
}

test.each([
  ['as it is', {}],
  ['with numbers of 64 bits', { wide: true }],
  ['with a comment', { comment: 'made by hand' }],
  ['with a comment that looks like an end', { comment: 'PK\x05\x06 and what follows, which is long enough' }],
])('an archive %s gives its files', async (_, oddities) => {
  expect(await unzip(writeZip(files, oddities))).toEqual(files);
});

test('a part of a file is read where it lies', async () => {
  const zip = await open(writeZip(files));
  const file = await zip.open(zip.entries.get('a/one.txt')!);
  expect(new TextDecoder().decode(await file.read(1, 3))).toBe('irs');
  expect(await file.read(3, 100)).toHaveLength(2); // not what lies behind it
});

test('what is damaged or hides something is refused', async () => {
  const sound = writeZip(files);
  const with32 = (offset: number, value: number) => ({
    change: (header: DataView, index: number) => index === 1 && header.setUint32(offset, value, true),
  });
  const with16 = (offset: number, value: number) => ({
    change: (header: DataView, index: number) => index === 1 && header.setUint16(offset, value, true),
  });
  const twice = writeZip({ ab: files['a/empty'], ac: files['a/empty'] });
  twice[twice.lastIndexOf('c'.charCodeAt(0))] = 'b'.charCodeAt(0);
  const damaged: [Uint8Array, RegExp][] = [
    [sound.subarray(0, -1), /cut off/],
    [sound.subarray(0, 10), /cut off/],
    [writeZip(files, with16(8, 1)), /a\/empty is encrypted/],
    [writeZip(files, with16(10, 12)), /a\/empty is packed by method 12/],
    [writeZip(files, with16(34, 3)), /another disk/],
    [writeZip(files, with32(20, 7)), /stored in 7 bytes, which is not its size of 0/],
    [writeZip(files, with32(42, 3)), /overlaps the entry before it/],
    [writeZip(files, with32(42, 0xffffffff)), /zip64 numbers are missing/],
    [writeZip(files, with32(42, 0xfffffff)), /ends at byte 268435485, the directory begins at/],
    [writeZip(files, with32(0, 7)), /directory is damaged at byte 55/],
    [writeZip(files, with16(32, 900)), /ends inside an entry/],
    [twice, /holds ab twice/],
  ];
  for (const [archive, message] of damaged)
    await expect(open(archive)).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(message),
    });
});

test('the end of an archive must fit its directory', async () => {
  const changed = (back: number, value: number) => {
    const archive = writeZip(files);
    archive[archive.length - back] = value;
    return archive;
  };
  await expect(open(changed(12, 2))).rejects.toThrow('holds more than the 2 entries that it claims');
  await expect(open(changed(12, 4))).rejects.toThrow('holds 3 entries, expected 4');
  await expect(open(changed(7, 1))).rejects.toThrow(/its directory reaches from byte/);
});

test('a directory too large to be read at once is refused before it is read', async () => {
  const end = writeZip({}).slice();
  new DataView(end.buffer).setUint32(12, (1 << 26) + 1, true);
  const size = 2 ** 27;
  const read = async (at: number, length: number) => {
    const bytes = new Uint8Array(length);
    if (at + length === size) bytes.set(end, length - end.length);
    return bytes;
  };
  await expect(openZip({ name: 'a', size, read })).rejects.toThrow('takes 67108865 bytes, at most 67108864');
});

test('an entry that does not begin where the directory says is refused when it is opened', async () => {
  const archive = writeZip(files);
  archive[0] = 0;
  const zip = await open(archive);
  await expect(zip.open(zip.entries.get('a/one.txt')!)).rejects.toThrow('a/one.txt does not begin at byte 0');
});

test('a deflated file is unpacked, to exactly the size that it claims', async () => {
  const zip = await openZip(fixture('torch_deflated.pth'));
  const entry = [...zip.entries.values()].find(({ name }) => name.endsWith('data/0'))!;
  expect(entry.method).toBe(8);
  expect((await zip.open(entry)).size).toBe(4 * 3 * 3 * 3 * 4);

  const text = new TextEncoder().encode('a'.repeat(1000));
  const deflated = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const packed = new Uint8Array(await new Response(deflated).arrayBuffer());
  expect(await inflate(packed, 1000, 'a')).toEqual(text);
  await expect(inflate(packed, 999, 'a')).rejects.toThrow('more than the 999 bytes');
  await expect(inflate(packed, 1001, 'a')).rejects.toThrow('1000 bytes, expected 1001');
  await expect(inflate(packed, 2 ** 40, 'a')).rejects.toThrow('cannot unpack to the 1099511627776');
  await expect(inflate(packed.fill(255), 1000, 'a')).rejects.toMatchObject({ code: 'format' });
});

test('a directory of zip64 that is not where its record says is refused', async () => {
  const sound = writeZip(files, { wide: true });
  const end = sound.length - 22;
  const changed = (at: number, value: bigint) => {
    const archive = sound.slice();
    new DataView(archive.buffer).setBigUint64(at, value, true);
    return archive;
  };
  await expect(open(changed(end - 12, 2n ** 62n))).rejects.toThrow('which is past its end');
  await expect(open(changed(end - 12, 3n))).rejects.toThrow('its zip64 record is not at byte 3');
  await expect(open(changed(end - 20 - 16, 2n ** 62n))).rejects.toThrow('its directory reaches from byte');
});

test('an entry whose own header makes it end past the file is refused when it is opened', async () => {
  const archive = writeZip({ a: Uint8Array.of(1) });
  archive[28] = 200; // of an extra field that the directory does not know of
  const zip = await open(archive);
  await expect(zip.open(zip.entries.get('a')!)).rejects.toThrow('a ends past the end of the file');
});
