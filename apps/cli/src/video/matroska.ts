/**
 * Frames of raw pixels with their times as a Matroska stream, for another program's pipe: a raw stream has no times, and frames need not come at
 * a constant rate. Sizes that are not known beforehand are left open, as in a live stream (RFC 8794, RFC 9559).
 */

/** How pixels lie, by the four characters that video programs know them by. */
export const fourCharacters = {
  grey: [0x59, 0x38, 0x30, 0x30], // Y800
  grey16: [0x59, 0x31, 0x00, 0x10], // Y1, 0, 16: little-endian
  rgb: [0x52, 0x47, 0x42, 0x18], // RGB, 24
  rgba: [0x52, 0x47, 0x42, 0x41], // RGBA
} as const;
export type RawFormat = keyof typeof fourCharacters;

/** Begin and length of a frame, in nanoseconds. */
export interface FrameTime {
  readonly begin: bigint;
  readonly length: bigint;
}

const id = {
  header: [0x1a, 0x45, 0xdf, 0xa3],
  maxIdLength: [0x42, 0xf2],
  maxSizeLength: [0x42, 0xf3],
  docType: [0x42, 0x82],
  docTypeVersion: [0x42, 0x87],
  docTypeReadVersion: [0x42, 0x85],
  segment: [0x18, 0x53, 0x80, 0x67],
  info: [0x15, 0x49, 0xa9, 0x66],
  timestampScale: [0x2a, 0xd7, 0xb1],
  tracks: [0x16, 0x54, 0xae, 0x6b],
  trackEntry: [0xae],
  trackNumber: [0xd7],
  trackUid: [0x73, 0xc5],
  trackType: [0x83],
  defaultDuration: [0x23, 0xe3, 0x83],
  codecId: [0x86],
  video: [0xe0],
  pixelWidth: [0xb0],
  pixelHeight: [0xba],
  colourSpace: [0x2e, 0xb5, 0x24],
  cluster: [0x1f, 0x43, 0xb6, 0x75],
  timestamp: [0xe7],
  blockGroup: [0xa0],
  block: [0xa1],
  blockDuration: [0x9b],
} as const;
type Id = readonly number[];

/** A number in 8 bytes, big-endian. */
function eightBytes(value: bigint): number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value);
  return [...new Uint8Array(view.buffer)];
}

/** A size in the 8 bytes that hold any. */
const sizeOf = (bytes: number): number[] => [0x01, ...eightBytes(BigInt(bytes)).slice(1)];
const unknownSize = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

const element = (of: Id, content: readonly number[]): number[] => [
  ...of,
  ...sizeOf(content.length),
  ...content,
];
const number = (of: Id, value: number | bigint): number[] => element(of, eightBytes(BigInt(value)));
const text = (of: Id, value: string): number[] => element(of, [...Buffer.from(value)]);

/**
 * What stands before the frames. Times are in nanoseconds, which every rate that videos have rounds back from.
 * @param usual how long a frame usually is: else a reader waits for some to find that out
 */
export function beginMatroska(
  { width, height }: { readonly width: number; readonly height: number },
  format: RawFormat,
  usual: bigint,
): Uint8Array {
  return Uint8Array.from([
    ...element(id.header, [
      ...number(id.maxIdLength, 4),
      ...number(id.maxSizeLength, 8),
      ...text(id.docType, 'matroska'),
      ...number(id.docTypeVersion, 4),
      ...number(id.docTypeReadVersion, 2),
    ]),
    ...id.segment,
    ...unknownSize,
    ...element(id.info, number(id.timestampScale, 1)),
    ...element(
      id.tracks,
      element(id.trackEntry, [
        ...number(id.trackNumber, 1),
        ...number(id.trackUid, 1),
        ...number(id.trackType, 1),
        ...(usual > 0n ? number(id.defaultDuration, usual) : []),
        ...text(id.codecId, 'V_UNCOMPRESSED'),
        ...element(id.video, [
          ...number(id.pixelWidth, width),
          ...number(id.pixelHeight, height),
          ...element(id.colourSpace, fourCharacters[format]),
        ]),
      ]),
    ),
  ]);
}

/** What stands before a frame's bytes, which follow as they are. */
export function beginFrame({ begin, length }: FrameTime, bytes: number): Uint8Array {
  const duration = number(id.blockDuration, length);
  const block = [...id.block, ...sizeOf(4 + bytes), 0x81, 0, 0, 0]; // track 1, at the cluster's time
  const group = [...id.blockGroup, ...sizeOf(duration.length + block.length + bytes), ...duration, ...block];
  const time = number(id.timestamp, begin);
  return Uint8Array.from([...id.cluster, ...sizeOf(time.length + group.length + bytes), ...time, ...group]);
}
