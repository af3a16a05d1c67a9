import type { Buffers } from '../buffers.ts';
import type { Host } from '../host.ts';
import type { Kernel } from '../kernels/kernel.ts';
import type { Keep } from './keep.ts';

/** What is drawn with on a device: nothing of it is made twice for frames of one size. */
export interface Workshop {
  readonly host: Host;
  readonly buffers: Buffers;
  readonly keep: Keep;
}

type Numbers = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** A buffer that is there as long as it is large enough for nothing less and nothing more. */
export function bufferFor(
  { buffers, keep }: Workshop,
  name: string,
  bytes: number,
  usage: 'storage' | 'uniform' = 'storage',
): GPUBuffer {
  return keep(`${name}: buffer`, [bytes, usage], () => buffers.create(bytes, usage, name), buffers.free);
}

/** Numbers on the device, written when they are others. @param on what they depend on */
export function numbersFor(
  shop: Workshop,
  name: string,
  on: readonly unknown[],
  make: () => Numbers,
  usage: 'storage' | 'uniform' = 'storage',
): GPUBuffer {
  return shop.keep(name, on, () => {
    const numbers = make();
    const buffer = bufferFor(shop, name, numbers.byteLength, usage);
    shop.host.device.queue.writeBuffer(buffer, 0, numbers);
    return buffer;
  });
}

/** The parameters of a kernel on the device. */
export function paramsFor<P extends string>(
  shop: Workshop,
  name: string,
  order: readonly P[],
  params: Readonly<Record<P, number>>,
): GPUBuffer {
  const values = order.map((param) => params[param]);
  return numbersFor(shop, `${name}: parameters`, values, () => Int32Array.from(values), 'uniform');
}

/** A bind group of buffers and views, in the order of bindings; made anew when one of them is another. */
export function groupFor(
  { host, keep }: Workshop,
  name: string,
  pipeline: GPUComputePipeline | GPURenderPipeline,
  resources: readonly (GPUBuffer | GPUTextureView)[],
): GPUBindGroup {
  return keep(`${name}: group`, [pipeline, ...resources], () =>
    host.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: resources.map((each, binding) => {
        return { binding, resource: 'size' in each ? { buffer: each } : each };
      }),
    }),
  );
}

/** A run of a kernel. */
export interface Stage<P extends string> {
  readonly name: string;
  readonly kernel: Kernel<P>;
  readonly pipeline: GPUComputePipeline;
  readonly params: Readonly<Record<P, number>>;
  /** What it reads, then what it writes. */
  readonly buffers: readonly GPUBuffer[];
  readonly groups: readonly [number, number, number];
  /** Of kernels that read the frame. */
  readonly frame?: GPUBindGroup;
}

/** Does a stage in a pass of its own: what it writes can be read by the next one. */
export function encodeStage<P extends string>(
  shop: Workshop,
  encoder: GPUCommandEncoder,
  { name, kernel, pipeline, params, buffers, groups, frame }: Stage<P>,
): void {
  const uniform = paramsFor(shop, name, kernel.params, params);
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, groupFor(shop, name, pipeline, [uniform, ...buffers]));
  if (frame) pass.setBindGroup(1, frame);
  pass.dispatchWorkgroups(...groups);
  pass.end();
}
