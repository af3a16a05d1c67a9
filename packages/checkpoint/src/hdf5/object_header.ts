import { Cursor } from './cursor.ts';
import type { Hdf5File } from './file.ts';

/** The kinds of header messages that are read. */
export const messageType = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

/** One of the pieces that say what an object is. */
export interface Message {
  readonly type: number;
  /** It stands elsewhere in the file, and this is a reference to it. */
  readonly isShared: boolean;
  /** From its start, each time. */
  open(): Cursor;
}

const firstPrefixSize = 16;
const sharedFlag = 2;
/** Of one object. h5py writes one message for each attribute. */
const messagesLimit = 1 << 16;

/** The messages of an object, those in continuations as well. */
export async function readObjectHeader(file: Hdf5File, address: number): Promise<Message[]> {
  const start = await file.block(address, firstPrefixSize);
  const isNew = start.uint(1) === 'O'.charCodeAt(0);
  const { first, blockOf, read } = isNew
    ? await newHeader(file, address)
    : await oldHeader(file, address, start);
  const messages: Message[] = [];
  const blocks = [first];
  for (let block = blocks.pop(); block; block = blocks.pop()) {
    for (const message of read(block)) {
      messages.push(message);
      if (messages.length > messagesLimit)
        file.fail(`the object at ${address} has more than ${messagesLimit} messages`);
      if (message.type !== messageType.continuation) continue;
      const fields = message.open();
      const at = fields.address() ?? file.fail(`the object at ${address} goes on nowhere`);
      blocks.push(await blockOf(at, fields.length()));
    }
  }
  return messages;
}

interface HeaderKind {
  readonly first: Cursor;
  /** A continuation's messages. */
  blockOf(address: number, size: number): Promise<Cursor>;
  read(block: Cursor): Iterable<Message>;
}

/** Version 1: 8 bytes before each message, messages at multiples of 8. */
async function oldHeader(file: Hdf5File, address: number, start: Cursor): Promise<HeaderKind> {
  start.at = 0;
  const version = start.uint(1);
  if (version !== 1)
    file.fail(`the object at ${address} has a header of version ${version}, expected 1 or 2`);
  start.skip(7);
  const size = start.uint(4);
  return {
    first: await file.block(address + firstPrefixSize, size),
    blockOf: file.block,
    *read(block) {
      while (block.left >= 8) {
        const type = block.uint(2);
        const length = block.uint(2);
        const flags = block.uint(1);
        block.skip(3);
        yield messageOf(type, flags, block.part(length));
      }
    },
  };
}

/** Version 2: it and each continuation have a signature before and a checksum behind, which is not looked at. */
async function newHeader(file: Hdf5File, address: number): Promise<HeaderKind> {
  const checksumSize = 4;
  const prefix = await file.block(address, Math.min(34, file.size - address));
  prefix.expect('OHDR');
  const version = prefix.uint(1);
  if (version !== 2)
    file.fail(`the object at ${address} has a header of version ${version}, expected 1 or 2`);
  const flags = prefix.uint(1);
  if (flags & 0x20) prefix.skip(16); // times
  if (flags & 0x10) prefix.skip(4); // when attributes are stored elsewhere
  const size = prefix.uint(1 << (flags & 3));
  return {
    first: await file.block(address + prefix.at, size),
    async blockOf(at, length) {
      const block = await file.block(at, length);
      block.expect('OCHK');
      return block.part(Math.max(0, block.left - checksumSize));
    },
    *read(block) {
      const hasOrder = (flags & 4) !== 0;
      while (block.left >= (hasOrder ? 6 : 4)) {
        const type = block.uint(1);
        const length = block.uint(2);
        const messageFlags = block.uint(1);
        if (hasOrder) block.skip(2);
        yield messageOf(type, messageFlags, block.part(length));
      }
    },
  };
}

const messageOf = (type: number, flags: number, { bytes, widths, fail }: Cursor): Message => ({
  type,
  isShared: (flags & sharedFlag) !== 0,
  open: () => new Cursor(bytes, widths, fail),
});
