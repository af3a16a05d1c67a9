import type { Compute, Graph } from '@atrous/graph';
import { type Build, moduleBytes } from './modules.ts';
import type { PackedFile } from './packed_files.ts';
import type { WeightLayout } from './weights.ts';

/** Raise it with each change of how weights are packed that the layout does not show: a test holds the packing to it. */
export const packing = 1;

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const digestOf = (value: unknown): Promise<string> => digest(new TextEncoder().encode(JSON.stringify(value)));

/** What decides what lies in memory. */
export interface Packing {
  /** Of the weights, as the source calls them. */
  readonly id: string;
  /** The folded graph. */
  readonly graph: Graph;
  readonly layout: WeightLayout;
  readonly build: Build;
  readonly compute: Compute;
  /** Where weights begin. */
  readonly offset: number;
}

/**
 * The file of a model's packed weights: its name is of the weights and the way to compute, its key of all that decides what the bytes are,
 * the kernels' module among it. Undefined on pages without a secure context, which have no digests and no private file system.
 */
export async function packedFile(how: Packing): Promise<PackedFile | undefined> {
  if (!globalThis.crypto?.subtle) return undefined;
  const { id, graph, layout, build, compute, offset } = how;
  const module = await digest(await moduleBytes(build, 'unshared'));
  const [name, key] = await Promise.all([
    digestOf([id, build, compute]),
    digestOf([packing, module, id, graph, compute, offset, [...layout.offsets], layout.int8?.depth]),
  ]);
  return { name, key, offset, bytes: layout.bytes };
}
