import type { Runtime } from '@atrous/graph';
import { withRuntime } from '@atrous/segmenter';
import { messageOf, type Session, sizeOf, tensor } from '@atrous/tensor';
import { constantWeights } from '../profile.ts';
import { runtimes } from '../runtimes.ts';
import { imageShape, type NamedGraph } from './networks.ts';

/** How long one network takes on one runtime, or why it could not be measured. */
export interface Timing {
  readonly network: string;
  readonly runtime: string;
  /** One of each round, in milliseconds. */
  readonly runs: readonly number[];
  readonly median?: number;
  readonly left?: string;
}

export interface TimeOptions {
  readonly size: { readonly height: number; readonly width: number };
  readonly runs: number;
  readonly threads?: number;
  readonly signal: AbortSignal;
  /** Before each run. */
  onRun?(network: string): void;
}

const warmUps = 2;

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * Times networks on one runtime, round after round, each network once a round: what else the machine does falls on all of them.
 * Two rounds before the first count for nothing. Weights are constants, which times do not depend on.
 * @throws AtrousError `unavailable` where the runtime is not there
 */
export async function timeNetworks(
  networks: readonly NamedGraph[],
  runtime: string,
  options: TimeOptions,
): Promise<readonly Timing[]> {
  const { size, runs, threads, signal, onRun } = options;
  const loaded = new Map<string, Session>();
  const left = new Map<string, string>();
  const milliseconds = new Map<string, number[]>(networks.map(({ name }) => [name, []]));
  const load = async (runtime: Runtime) => {
    for (const { name, graph } of networks) {
      signal.throwIfAborted();
      try {
        loaded.set(name, await runtime.load({ graph, weights: constantWeights(graph) }, { signal }));
      } catch (error) {
        signal.throwIfAborted();
        left.set(name, messageOf(error));
      }
    }
  };
  try {
    const chosen = await withRuntime(runtimes, runtime, { threads, signal }, load);
    for (let round = 0; round < warmUps + runs; round++) {
      for (const { name, graph } of networks) {
        const session = loaded.get(name);
        if (!session) continue;
        onRun?.(name);
        const shape = imageShape(graph, size);
        const image = tensor('float32', shape, new Float32Array(sizeOf(shape)).fill(0.5));
        const start = performance.now();
        await session.run({ image }, { signal });
        if (round >= warmUps) milliseconds.get(name)!.push(performance.now() - start);
      }
    }
    return networks.map(({ name }) => {
      const runs = milliseconds.get(name)!;
      const reason = left.get(name);
      return {
        network: name,
        runtime: chosen.name,
        runs,
        ...(reason === undefined ? { median: median(runs) } : { left: reason }),
      };
    });
  } finally {
    for (const session of loaded.values()) await session.dispose();
  }
}
