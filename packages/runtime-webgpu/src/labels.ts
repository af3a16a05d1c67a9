import { type LabelMapOptions, type LabelMapResult, regionOf } from '@atrous/mask';
import { AtrousError, bilinearTaps, type DeviceTensor, type Tensor } from '@atrous/tensor';
import { createBuffers } from './buffers.ts';
import { bufferOn, packValue, readBytes } from './device_tensor.ts';
import type { Host } from './host.ts';
import { notFinite, notFiniteGroups } from './kernels/finite.ts';
import { type LabelParam, labelGroups, labelMapKernel, labelsPerWord } from './kernels/label_map.ts';
import { rangeBytes } from './plan/plan.ts';
import { deviceBytes, strideOf } from './plan/sizes.ts';
import { tapTables } from './plan/taps.ts';

/** Class values that one submit computes: some milliseconds of a small GPU. */
const mostSamples = 2 ** 25;

/**
 * The label map of `mask`, made on the device. What is read back is labels, and confidence where it is asked for.
 * @throws AtrousError `runtime` for logits on the device that are no numbers: nobody has seen them
 */
export async function labelMapOn(
  host: Host,
  logits: Tensor | DeviceTensor,
  options: LabelMapOptions,
): Promise<LabelMapResult> {
  const spec = 'spec' in logits ? logits.spec : logits;
  const { top, left, height, width } = regionOf(spec, options);
  const [, inHeight, inWidth, classes] = spec.shape;
  const perWord = labelsPerWord(classes);
  const { confidence = false } = options;
  const kernel = labelMapKernel(perWord, confidence);
  const [pipeline, looking] = await Promise.all([
    host.pipeline(kernel),
    'spec' in logits ? host.pipeline(notFinite) : undefined,
  ]);
  const axis = (from: number, to: number, begin: number, count: number) => {
    const { lower, upper, fraction } = bilinearTaps(options.resize, from, to);
    const end = begin + count;
    return {
      lower: lower.slice(begin, end),
      upper: upper.slice(begin, end),
      fraction: fraction.slice(begin, end),
    };
  };
  const taps = tapTables([
    axis(inHeight, options.height, top, height),
    axis(inWidth, options.width, left, width),
  ]);
  const words = Math.ceil((height * width) / perWord);
  const band = Math.max(1, Math.floor(mostSamples / (classes * perWord)));
  const bands = Array.from({ length: Math.ceil(words / band) }, (_, i) => ({
    begin: i * band,
    end: Math.min(words, (i + 1) * band),
  }));
  const common = { classes, stride: strideOf(spec), inWidth, rows: height, columns: width, nothing: 0 };
  const uniforms = new Int32Array((bands.length * rangeBytes) / 4);
  bands.forEach((part, i) => {
    const params: Record<LabelParam, number> = { ...common, ...part };
    uniforms.set(
      kernel.params.map((name) => params[name]),
      (i * rangeBytes) / 4,
    );
  });
  const buffers = createBuffers(host.device, host.total);
  try {
    const given = 'spec' in logits ? bufferOn(host, logits) : undefined;
    const numbers = given ? undefined : packValue('spec' in logits ? await logits.read() : logits);
    const outputs = await host.checked('a label map', () => {
      const upload = (
        data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>,
        usage: 'storage' | 'uniform',
      ) => {
        const buffer = buffers.create(data.byteLength, usage, 'a label map');
        host.device.queue.writeBuffer(buffer, 0, data);
        return buffer;
      };
      const labels = { bytes: words * 4 };
      const certain = { bytes: height * width * 4 };
      const results = (confidence ? [labels, certain] : [labels]).map(({ bytes }) => {
        return { bytes, buffer: buffers.create(bytes, 'storage', 'a label map') };
      });
      const uniform = upload(uniforms, 'uniform');
      const bound = [
        given ?? upload(numbers!, 'storage'),
        upload(taps, 'storage'),
        ...results.map(({ buffer }) => buffer),
      ];
      bands.forEach(({ begin, end }, i) => {
        const params = { buffer: uniform, offset: i * rangeBytes, size: kernel.params.length * 4 };
        const encoder = host.device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.setBindGroup(
          0,
          host.device.createBindGroup({
            layout: pipeline.getBindGroupLayout(0),
            entries: [params, ...bound.map((buffer) => ({ buffer }))].map((resource, binding) => {
              return { binding, resource };
            }),
          }),
        );
        pass.dispatchWorkgroups(...labelGroups(end - begin));
        pass.end();
        host.device.queue.submit([encoder.finish()]);
      });
      if (!given || !looking) return results;
      const found = buffers.create(4, 'storage', 'a label map');
      const count = deviceBytes(spec) / 4;
      const encoder = host.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(looking);
      const bindings = [upload(Int32Array.of(count), 'uniform'), given, found];
      const entries = bindings.map((buffer, binding) => ({ binding, resource: { buffer } }));
      pass.setBindGroup(0, host.device.createBindGroup({ layout: looking.getBindGroupLayout(0), entries }));
      pass.dispatchWorkgroups(...notFiniteGroups(count));
      pass.end();
      host.device.queue.submit([encoder.finish()]);
      return [...results, { bytes: 4, buffer: found }];
    });
    const read = await readBytes(host, buffers, outputs);
    const [ids, certain] = confidence ? read : [read[0]];
    const isBroken = given && new Uint32Array(read[read.length - 1])[0] !== 0;
    if (isBroken) {
      throw new AtrousError(
        'runtime',
        'labelMap: the logits hold NaN or infinity: the weights or the runtime are broken',
      );
    }
    const count = height * width;
    const data = perWord === 4 ? new Uint8Array(ids, 0, count) : new Uint16Array(ids, 0, count);
    return {
      labels: { height, width, data },
      ...(certain && { confidence: new Float32Array(certain, 0, count) }),
    };
  } finally {
    buffers.freeAll();
  }
}
