import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

type Files = Readonly<Record<string, Uint8Array>>;

/** Archives that hold these files, whatever their names. */
export const archiveOf = {
  zip: (files: Files): Buffer => zip(Object.entries(files).map(([name, content]) => entry(name, content))),
  /** A zip archive of zeros that takes a thousandth of them. */
  bomb: (name: string, size: number): Buffer => zip([entry(name, Buffer.alloc(size), true)]),
  tar: (files: Files): Buffer => tar(files),
  tgz: (files: Files): Buffer => gzipSync(tar(files)),
};

function entry(name: string, content: Uint8Array, isDeflated = false) {
  const data = isDeflated ? deflateRawSync(content) : content;
  const path = Buffer.from(name);
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(isDeflated ? 8 : 0, 4);
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(path.length, 22);
  return { fields, path, data };
}

function zip(entries: readonly ReturnType<typeof entry>[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { fields, path, data } of entries) {
    const file = Buffer.concat([Buffer.from('PK\x03\x04'), fields, path, data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), fields, rest, path]));
    local.push(file);
    offset += file.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

/** As POSIX has it, with names of up to 100 bytes. */
function tar(files: Files): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name);
    header.write('0000644\0', 100);
    header.write(content.length.toString(8).padStart(11, '0'), 124);
    header.write('        0', 148);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
