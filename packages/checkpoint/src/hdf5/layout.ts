import type { Cursor } from './cursor.ts';
import { writtenAsLatest } from './group.ts';

/** Where a dataset's bytes lie. */
export type Layout =
  | { readonly kind: 'compact'; readonly bytes: Uint8Array }
  | { readonly kind: 'contiguous'; readonly address: number | undefined; readonly size: number }
  | {
      readonly kind: 'chunked';
      /** Of the tree of chunks; undefined where nothing was written. */
      readonly address: number | undefined;
      /** Elements of a chunk along each axis. */
      readonly chunk: readonly number[];
    }
  | { readonly kind: 'other'; readonly why: string };

/** Reads a layout message. */
export function readLayout(message: Cursor): Layout {
  const version = message.uint(1);
  if (version < 3) return { kind: 'other', why: 'written by HDF5 before 1.6, which is not read' };
  if (version > 4) message.fail(`a tensor's layout has version ${version}, expected 3 or 4`);
  const kind = message.uint(1);
  switch (kind) {
    case 0:
      return { kind: 'compact', bytes: message.take(message.uint(2)) };
    case 1:
      return { kind: 'contiguous', address: message.address(), size: message.length() };
    case 2: {
      if (version === 4)
        return { kind: 'other', why: writtenAsLatest('its chunks have an index of a new kind') };
      const rank = message.uint(1) - 1; // the last number is an element's size
      const address = message.address();
      const chunk = Array.from({ length: Math.max(0, rank) }, () => message.uint(4));
      return { kind: 'chunked', address, chunk };
    }
    default:
      return {
        kind: 'other',
        why: `its layout is of class ${kind}, expected compact, contiguous or chunked`,
      };
  }
}
