import { type Graph, type Model, type WeightSource, weightShapes } from '@atrous/graph';
import { type StepTime, wasm } from '@atrous/runtime-wasm';
import { AtrousError, sizeOf, tensor } from '@atrous/tensor';
import { short, table } from './output.ts';

/** Where the time of a run on our own engine goes. */
export interface Profile {
  readonly build: string;
  readonly threads: number;
  readonly milliseconds: number;
  /** Billions of operations per second, two for a multiply-add. */
  readonly gigaflops: number;
  /** Measured peak of the same threads together: loops in registers, in GFLOP/s. */
  readonly peak: number;
  readonly steps: readonly StepTime[];
}

/** Weights for a network that has none: times do not depend on them. */
export function constantWeights(graph: Graph): WeightSource {
  const shapes = weightShapes(graph);
  const spec = (name: string) => ({ dtype: 'float32' as const, shape: shapes.get(name) ?? [] });
  return {
    names: [...shapes.keys()],
    spec,
    read: async (name) => {
      const { shape } = spec(name);
      return tensor('float32', shape, new Float32Array(sizeOf(shape)).fill(0.01));
    },
  };
}

/** Runs a model twice to warm it up, then once with a clock on every step. */
export async function profileModel(
  model: Model,
  shape: readonly number[],
  options: { threads?: number; build?: 'relaxed' | 'simd' },
): Promise<Profile> {
  const runtime = wasm(options);
  const available = await runtime.available();
  if (available !== true) throw new AtrousError('unavailable', `--profile: ${available.reason}`);
  const session = await runtime.load(model);
  try {
    const feeds = { image: tensor('float32', shape, new Float32Array(sizeOf(shape)).fill(0.5)) };
    for (let i = 0; i < 2; i++) await session.run(feeds);
    await session.run(feeds, { profile: true });
    const steps = session.profile();
    const milliseconds = steps.reduce((sum, step) => sum + step.milliseconds, 0);
    const multiplyAdds = steps.reduce((sum, step) => sum + step.multiplyAdds, 0);
    const peak = (await session.peak()).reduce((sum, one) => sum + one, 0);
    const gigaflops = (2 * multiplyAdds) / milliseconds / 1e6;
    return { build: session.build, threads: session.threads, milliseconds, gigaflops, peak, steps };
  } finally {
    await session.dispose();
  }
}

export function describeProfile(
  { network, input }: { network: string; input: readonly number[] },
  { build, threads, milliseconds, gigaflops, peak, steps }: Profile,
): string {
  const rows = steps.map((step) => {
    const speed = step.multiplyAdds ? ((2 * step.multiplyAdds) / step.milliseconds / 1e6).toFixed(1) : '';
    const work = step.multiplyAdds ? short(step.multiplyAdds) : '';
    const share = ((100 * step.milliseconds) / milliseconds).toFixed(1);
    return [step.name, step.kind, step.milliseconds.toFixed(2), share, work, speed];
  });
  return [
    `${network}: ${input.join('×')}, ${build} SIMD, ${threads} thread(s)`,
    '',
    table([['step', 'kind', 'ms', '%', 'multiply-adds', 'GFLOP/s'], ...rows]),
    '',
    `${milliseconds.toFixed(0)} ms, ${gigaflops.toFixed(1)} GFLOP/s: ${((100 * gigaflops) / peak).toFixed(0)} % of the measured peak of ${peak.toFixed(1)}`,
  ].join('\n');
}
