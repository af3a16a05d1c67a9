/** The picture files that are read, by the media type and by how their bytes begin. */
const types = {
  'image/png': /^\x89PNG\r\n/,
  'image/jpeg': /^\xff\xd8\xff/,
  'image/webp': /^RIFF.{4}WEBP/s,
  'image/avif': /^.{4}ftyp(avif|avis|.{8,24}(avif|avis))/s,
  'image/gif': /^GIF8[79]a/,
  'image/tiff': /^(II[*+]\0|MM\0[*+])/,
} as const;

export const pictureTypes: readonly string[] = Object.keys(types);

/** Any of them: what a program sends that does not look. */
export const anyBytes = 'application/octet-stream';

/**
 * Which of the types a file is of; undefined for every other. What can name other files (SVG) is none of them: a body is
 * all that is ever read.
 */
export function pictureTypeOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64)).toString('latin1');
  return Object.entries(types).find(([, start]) => start.test(head))?.[0];
}
