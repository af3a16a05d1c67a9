import { type LabelMapOptions, type LabelMapResult, regionOf } from '@atrous/mask';
import { AtrousError, type BilinearTaps, bilinearTaps, type DeviceTensor, type Tensor } from '@atrous/tensor';
import { createBuffers, megabytes } from './buffers.ts';
import { bufferOn, packValue, readBytes } from './device_tensor.ts';
import type { Host } from './host.ts';
import { notFinite, notFiniteGroups } from './kernels/finite.ts';
import { type LabelParam, labelGroups, labelMapKernel, labelsPerWord } from './kernels/label_map.ts';
import { rowsApart } from './plan/bands.ts';
import { deviceBytes, rangeBytes, strideOf } from './plan/sizes.ts';
import { partOfTaps, tapTables } from './plan/taps.ts';

/** Class values that one submit computes: some milliseconds of a small GPU. */
const mostSamples = 2 ** 25;

interface LabelBand {
  /** Words of labels. */
  readonly begin: number;
  readonly end: number;
  /** Rows of logits that they are made from. */
  readonly firstRow: number;
  readonly endRow: number;
}

interface LabelSizes {
  readonly rows: BilinearTaps;
  readonly width: number;
  readonly perWord: number;
  readonly classes: number;
  readonly rowBytes: number;
  readonly mostBytes: number;
}

/** Words of labels that one submit computes, from no more logits than a kernel reads. @throws AtrousError `memory` */
function bandsOf({ rows, width, perWord, classes, rowBytes, mostBytes }: LabelSizes): readonly LabelBand[] {
  const pixels = rows.lower.length * width;
  const words = Math.ceil(pixels / perWord);
  const apart = rowsApart(rowBytes);
  const bandOf = (begin: number, end: number): LabelBand => {
    const [top, last] = [begin * perWord, Math.min(pixels, end * perWord) - 1];
    const first = rows.lower[Math.floor(top / width)];
    return {
      begin,
      end,
      firstRow: first - (first % apart),
      endRow: rows.upper[Math.floor(last / width)] + 1,
    };
  };
  for (let each = Math.max(1, Math.floor(mostSamples / (classes * perWord))); each >= 1; each >>= 1) {
    const bands = Array.from({ length: Math.ceil(words / each) }, (_, i) =>
      bandOf(i * each, Math.min(words, (i + 1) * each)),
    );
    if (bands.every(({ firstRow, endRow }) => (endRow - firstRow) * rowBytes <= mostBytes)) return bands;
  }
  throw new AtrousError(
    'memory',
    `webgpu: a label map needs rows of ${megabytes(rowBytes)} of logits, this GPU takes at most ${megabytes(mostBytes)} at once: try a smaller picture`,
  );
}

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
  const rows = partOfTaps(bilinearTaps(options.resize, inHeight, options.height), top, top + height);
  const columns = partOfTaps(bilinearTaps(options.resize, inWidth, options.width), left, left + width);
  const taps = tapTables([rows, columns]);
  const stride = strideOf(spec);
  const rowBytes = inWidth * stride * 4;
  const bands = bandsOf({ rows, width, perWord, classes, rowBytes, mostBytes: host.mostBytes });
  const words = bands[bands.length - 1].end;
  const common = { classes, stride, inWidth, rows: height, columns: width, nothing: 0 };
  const uniforms = new Int32Array((bands.length * rangeBytes) / 4);
  bands.forEach(({ begin, end, firstRow }, i) => {
    const params: Record<LabelParam, number> = { ...common, begin, end, firstRow };
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
        usage: 'storage' | 'uniform' | 'ranges',
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
      const source = given ?? upload(numbers!, 'ranges');
      const bound = [upload(taps, 'storage'), ...results.map(({ buffer }) => buffer)];
      bands.forEach(({ begin, end, firstRow, endRow }, i) => {
        const range = {
          buffer: source,
          offset: firstRow * rowBytes,
          size: (endRow - firstRow) * rowBytes,
        };
        const params = { buffer: uniform, offset: i * rangeBytes, size: kernel.params.length * 4 };
        const encoder = host.device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.setBindGroup(
          0,
          host.device.createBindGroup({
            layout: pipeline.getBindGroupLayout(0),
            entries: [params, range, ...bound.map((buffer) => ({ buffer }))].map((resource, binding) => {
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
      const whole = deviceBytes(spec);
      const most = host.mostBytes - (host.mostBytes % rangeBytes);
      for (let offset = 0; offset < whole; offset += most) {
        const size = Math.min(most, whole - offset);
        const encoder = host.device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        pass.setPipeline(looking);
        const bindings = [
          { buffer: upload(Int32Array.of(size / 4), 'uniform') },
          { buffer: given, offset, size },
          { buffer: found },
        ];
        const entries = bindings.map((resource, binding) => ({ binding, resource }));
        pass.setBindGroup(0, host.device.createBindGroup({ layout: looking.getBindGroupLayout(0), entries }));
        pass.dispatchWorkgroups(...notFiniteGroups(size / 4));
        pass.end();
        host.device.queue.submit([encoder.finish()]);
      }
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
