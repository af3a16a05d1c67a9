import { cost, type Graph } from '@atrous/graph';
import type { Session, Tensor } from '@atrous/tensor';
import type { Chosen } from './runtimes.ts';

/** A network with fewer multiply-adds than this may be done on the CPU before a GPU has begun. */
const smallNetwork = 2e9;
/** Runs that are timed, after one that is not. */
const timed = 2;

interface Opened {
  readonly session: Session;
  readonly graph: Graph;
}

/** Names that were faster, by what was measured: for as long as the page or process. */
const remembered = new Map<string, string>();

/** What was faster for this network before, if it was measured. */
export const fasterBefore = (key: string): string | undefined => remembered.get(key);

const disposed = async (session: Session): Promise<void> => {
  await session.dispose().catch(() => {}); // what it leaves is the runtime's
};

/**
 * Times a small network on the GPU and on the CPU for a moment; the slower session is disposed of. Large ones stay on the GPU, and where the CPU's engine
 * does not start.
 * @param key of network and machine: the answer is remembered
 */
export async function fasterOf<T extends Opened>(
  gpu: Chosen<T>,
  openCpu: () => Promise<Chosen<T>>,
  image: Tensor,
  key: string,
  signal?: AbortSignal,
): Promise<Chosen<T>> {
  const { session, graph } = gpu.value;
  if (cost(graph, { image: image.shape }).multiplyAdds >= smallNetwork) return gpu;
  let cpu: Chosen<T>;
  try {
    cpu = await openCpu();
  } catch (error) {
    if (!signal?.aborted) return gpu;
    await disposed(session);
    throw error;
  }
  try {
    const times = [];
    for (const { value } of [gpu, cpu]) times.push(await timeOf(value.session, image, signal));
    const [taken, other] = times[0] <= times[1] ? [gpu, cpu] : [cpu, gpu];
    const [fast, slow] = times.toSorted((a, b) => a - b).map((time) => `${time.toFixed(1)} ms`);
    remembered.set(key, taken.name);
    await disposed(other.value.session);
    return { ...taken, reason: `${fast} here, where ${other.name} takes ${slow}` };
  } catch (error) {
    await Promise.all([disposed(session), disposed(cpu.value.session)]);
    throw error;
  }
}

/** The shortest of some runs: the first brings what later ones find. */
async function timeOf(session: Session, image: Tensor, signal?: AbortSignal): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= timed; i++) {
    const begin = performance.now();
    await session.run({ image }, { signal });
    if (i > 0) least = Math.min(least, performance.now() - begin);
  }
  return least;
}
