import type { Graph } from '@atrous/graph';
import type { Session } from '@atrous/tensor';
import { dividePooled, type PooledParts } from './pooled_parts.ts';
import type { PartSessions } from './pooled_windows.ts';

/** A network with image pooling that can be run in parts, for pictures that are too large to be seen whole. */
export interface PooledNetwork {
  readonly parts: PooledParts;
  /** Loaded when the first picture needs them, then kept. */
  sessions(): Promise<PartSessions>;
  dispose(): Promise<void>;
}

/** Undefined where a network has no image pooling, or cannot be cut there. */
export function pooledNetwork(
  graph: Graph,
  load: (part: Graph) => Promise<Session>,
): PooledNetwork | undefined {
  const parts = dividePooled(graph);
  if (!parts) return undefined;
  const { encoder, context, decoder } = parts;
  let loading: Promise<PartSessions> | undefined;
  const open = async (): Promise<PartSessions> => {
    const loaded: Session[] = [];
    try {
      for (const part of [encoder, context, ...(decoder ? [decoder] : [])]) loaded.push(await load(part));
    } catch (error) {
      loading = undefined; // a later picture tries again
      await Promise.all(loaded.map((session) => session.dispose()));
      throw error;
    }
    return { encoder: loaded[0], context: loaded[1], decoder: loaded[2] };
  };
  return {
    parts,
    sessions() {
      loading ??= open();
      return loading;
    },
    async dispose() {
      const sessions = await loading?.catch(() => undefined);
      await Promise.all(Object.values<Session | undefined>({ ...sessions }).map((one) => one?.dispose()));
    },
  };
}
