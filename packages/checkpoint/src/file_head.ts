/** What the first bytes of a file say, for telling formats apart. */

/** The start of a file as text; bytes that are no UTF-8 become U+FFFD, a byte order mark is left out. */
export function textOf(head: Uint8Array): string {
  return new TextDecoder().decode(head);
}

/** True for JSON objects that hold one of these keys near their start. */
export function jsonMentions(...keys: readonly string[]) {
  return ({ head }: { readonly head: Uint8Array }): boolean => {
    const text = textOf(head);
    return /^\s*\{/.test(text) && keys.some((key) => text.includes(`"${key}"`));
  };
}

/** The name of a zip file's first entry. */
export function zipEntryName(head: Uint8Array): string {
  const nameBegin = 30;
  if (head.length < nameBegin) return '';
  const nameLength = head[26] | (head[27] << 8);
  return textOf(head.subarray(nameBegin, nameBegin + nameLength));
}

/**
 * The field of a protobuf message at some place, where it has this number and bytes as its value; null otherwise.
 * `isName`: these bytes are a name as TensorFlow's nodes have.
 */
export function protobufField(
  head: Uint8Array,
  at: number,
  number: number,
): { readonly begin: number; readonly isName: boolean } | null {
  const lengthDelimited = 2;
  if (head[at] !== ((number << 3) | lengthDelimited)) return null;
  let begin = at + 1;
  while (begin < at + 6 && head[begin] >= 0x80) begin++; // a varint's length: all of its bytes but the last are ≥ 0x80
  const length = head[begin] & 0x7f;
  begin++;
  const isName = length > 0 && /^[A-Za-z0-9.][\w./>-]*$/.test(textOf(head.subarray(begin, begin + length)));
  return { begin, isName };
}

/** PyTorch's magic number as a pickle of its own: after the protocol, from 4 on after the length of a frame, too. */
export function isLegacyTorch(head: Uint8Array): boolean {
  const magic = '\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.';
  const at = head[2] === 0x95 ? 11 : 2;
  return head[0] === 0x80 && Array.from(magic).every((char, i) => head[at + i] === char.charCodeAt(0));
}
