import type { LoadOptions } from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';
import type { Buffers } from './buffers.ts';
import type { Host } from './host.ts';
import type { Place, Plan, PlannedDispatch } from './plan/plan.ts';
import { rangeBytes } from './plan/sizes.ts';

/** The buffers that plans of all sizes share: of values, the largest first, and of weights. */
export interface Memory {
  readonly weights: ReadonlyMap<string, GPUBuffer>;
  /** They grow; whoever holds bind groups of an older one makes new ones. */
  readonly slots: readonly GPUBuffer[];
  reserve(bytes: readonly number[]): Promise<void>;
}

export function createMemory(host: Host, buffers: Buffers, weights: ReadonlyMap<string, GPUBuffer>): Memory {
  const slots: GPUBuffer[] = [];
  return {
    weights,
    slots,
    async reserve(wanted) {
      if (wanted.every((bytes, i) => bytes <= (slots[i]?.size ?? 0))) return;
      for (const bytes of wanted) buffers.expectFits(bytes, 'ranges', 'a value of this picture');
      const growing = host.checked('values', () => {
        wanted.forEach((bytes, i) => {
          const old = slots[i];
          if (bytes <= (old?.size ?? 0)) return;
          if (old) buffers.free(old);
          slots[i] = buffers.create(bytes, 'ranges', 'a value of this picture');
        });
      });
      await growing.catch((error) => {
        for (const slot of slots.splice(0)) buffers.free(slot); // those that there was no memory for are no buffers
        throw error;
      });
    },
  };
}

/** A plan on a device: pipelines, parameters and bind groups of every dispatch. */
export interface Program {
  readonly plan: Plan;
  dispose(): void;
  /** Bind groups for the memory as it is now. */
  bind(): Promise<void>;
  /** Does some dispatches. */
  encode(pass: GPUComputePassEncoder, first: number, last: number): void;
}

export async function createProgram(
  host: Host,
  buffers: Buffers,
  memory: Memory,
  plan: Plan,
  pipelines: ReadonlyMap<string, GPUComputePipeline>,
): Promise<Program> {
  const { device } = host;
  const { dispatches, taps } = plan;
  const parameters = new Int32Array((dispatches.length * rangeBytes) / 4);
  dispatches.forEach(({ kernel, params }, i) => {
    parameters.set(
      kernel.params.map((name) => params[name]),
      (i * rangeBytes) / 4,
    );
  });
  const [uniforms, tables] = await host.checked('a plan', () => {
    const made = [
      buffers.create(parameters.byteLength, 'uniform', 'a plan'),
      buffers.create(taps.byteLength, 'storage', 'the tables of a plan'),
    ] as const;
    device.queue.writeBuffer(made[0], 0, parameters);
    device.queue.writeBuffer(made[1], 0, taps);
    return made;
  });
  const rangeOf = (place: Place): GPUBufferBinding => {
    if ('weights' in place) return { buffer: memory.weights.get(place.weights)! };
    if ('taps' in place) return { buffer: tables, offset: place.taps, size: place.bytes };
    return { buffer: memory.slots[place.slot], offset: place.offset, size: place.bytes };
  };
  const groupOf = ({ kernel, places }: PlannedDispatch, i: number): GPUBindGroup => {
    const uniform = { buffer: uniforms, offset: i * rangeBytes, size: kernel.params.length * 4 };
    return device.createBindGroup({
      layout: pipelines.get(kernel.key)!.getBindGroupLayout(0),
      entries: [uniform, ...places.map(rangeOf)].map((resource, binding) => ({ binding, resource })),
    });
  };
  let bound: readonly GPUBuffer[] = [];
  let groups: readonly GPUBindGroup[] = [];
  return {
    plan,
    dispose() {
      buffers.free(uniforms);
      buffers.free(tables);
    },
    async bind() {
      if (bound.length > 0 && bound.every((slot, i) => slot === memory.slots[i])) return;
      bound = memory.slots.slice(0, plan.slots.length);
      groups = await host.checked('bindings', () => dispatches.map(groupOf));
    },
    encode(pass, first, last) {
      for (let i = first; i < last; i++) {
        pass.setPipeline(pipelines.get(dispatches[i].kernel.key)!);
        pass.setBindGroup(0, groups[i]);
        pass.dispatchWorkgroups(...dispatches[i].groups);
      }
    },
  };
}

/** What one submit may take on the GPU, so that pages go on being drawn. */
const sliceMilliseconds = 4;

/**
 * Runs a program in slices of some milliseconds, two of them under way at a time; `look` throws where it is to end. How much goes into a
 * slice follows from how long the last ones took.
 */
export async function runProgram(host: Host, { plan, encode }: Program, look: () => void): Promise<void> {
  const { dispatches } = plan;
  const { queue } = host.device;
  let doneBefore = performance.now();
  let before: Promise<void> | undefined;
  for (let first = 0; first < dispatches.length; ) {
    look();
    let last = first;
    let cost = 0;
    do cost += dispatches[last++].cost;
    while (last < dispatches.length && cost + dispatches[last].cost <= host.pace);
    const range = [first, last] as const;
    const submitted = performance.now();
    const valid = host.checked('the run', () => {
      const encoder = host.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      encode(pass, ...range);
      pass.end();
      queue.submit([encoder.finish()]);
    });
    const done = Promise.all([valid, host.orLost(queue.onSubmittedWorkDone())]).then(() => {
      const now = performance.now();
      const milliseconds = Math.max(0.1, now - Math.max(submitted, doneBefore));
      doneBefore = now;
      const pace = (cost / milliseconds) * sliceMilliseconds;
      host.pace = Math.max(1e6, host.pace + (pace - host.pace) / 4);
    });
    done.catch(() => {}); // whoever waits for it is told
    await before;
    before = done;
    first = last;
  }
  await before;
  look();
}

/** Kernels of a program, compiled side by side. @param onCompile told after each, also of those that were there */
export async function compileAll(
  host: Host,
  kernels: Iterable<Parameters<Host['pipeline']>[0]>,
  onCompile?: LoadOptions['onCompile'],
): Promise<ReadonlyMap<string, GPUComputePipeline>> {
  const unique = new Map([...kernels].map((kernel) => [kernel.key, kernel]));
  let done = 0;
  const compiled = [...unique].map(async ([key, kernel]) => {
    const pipeline = await host.pipeline(kernel);
    onCompile?.(++done, unique.size);
    return [key, pipeline] as const;
  });
  return new Map(await Promise.all(compiled));
}

/** A device that went away. */
export const isLoss = (error: unknown): boolean =>
  error instanceof AtrousError && error.code === 'device-lost';
