import type { FrameInput, FrameTaps } from '@atrous/mask/looks';
import type { TensorSpec } from '@atrous/tensor';
import { groupsFor, type Kernel, kernel } from '../kernels/kernel.ts';
import { type FrameKind, frameCode } from './frame_source.ts';
import { bufferFor, encodeStage, numbersFor, type Workshop } from './stage.ts';

/** Where taps begin, how many there are, and their weights' bits: what shaders read of an axis. */
function tableOf({ start, count, weights }: FrameTaps): Int32Array<ArrayBuffer> {
  const table = new Int32Array(2 * start.length + weights.length);
  table.set(start);
  table.set(count, start.length);
  table.set(new Int32Array(Float32Array.from(weights).buffer), 2 * start.length);
  return table;
}

const acrossParams = ['first', 'rows', 'columns', 'taps'] as const;

/** Rows of a frame, composited on white, resized to a width: red, green, blue. */
const across = (kind: FrameKind): Kernel<(typeof acrossParams)[number]> =>
  kernel({
    key: `frame across, ${kind}`,
    params: acrossParams,
    reads: { table: 'i32' },
    writes: { output: 'vec4f' },
    workgroup: [16, 4, 1],
    declarations: frameCode(kind),
    body: `    let x = i32(id.x);
    let y = i32(id.y);
    if (x >= p.columns || y >= p.rows) { return; }
    let start = table[x];
    let count = table[p.columns + x];
    let weights = 2 * p.columns + x * p.taps;
    var sum = vec3f();
    for (var k = 0; k < count; k++) {
      let seen = texel(start + k, p.first + y);
      let onWhite = select(seen.rgb * (seen.a / 255.0) + (255.0 - seen.a), seen.rgb, seen.a == 255.0);
      sum += onWhite * bitcast<f32>(table[weights + k]);
    }
    output[y * p.columns + x] = vec4f(sum, 0.0);`,
  });

const downParams = ['height', 'width', 'first', 'lines', 'columns', 'taps'] as const;

const orders: Readonly<Record<FrameInput['channels'], string>> = {
  RGB: 'vec4f(normal(sum.r, 0), normal(sum.g, 1), normal(sum.b, 2), 0.0)',
  BGR: 'vec4f(normal(sum.b, 0), normal(sum.g, 1), normal(sum.r, 2), 0.0)',
  grey: 'vec4f(normal(dot(sum, vec3f(0.299, 0.587, 0.114)), 0), 0.0, 0.0, 0.0)',
};

/** Those rows resized to a height, and normalised: the network's input, and zeros where the frame does not reach. */
const down = (channels: FrameInput['channels']): Kernel<(typeof downParams)[number]> =>
  kernel({
    key: `frame down, ${channels}`,
    params: downParams,
    reads: { rows: 'vec4f', table: 'i32', numbers: 'f32' },
    writes: { output: 'vec4f' },
    workgroup: [16, 4, 1],
    declarations: `fn normal(x: f32, c: i32) -> f32 { return (x * numbers[0] + numbers[1] - numbers[2 + c]) / numbers[5 + c]; }`,
    body: `    let x = i32(id.x);
    let y = i32(id.y);
    if (x >= p.width || y >= p.height) { return; }
    var value = vec4f();
    if (x < p.columns && y < p.lines) {
      let start = table[y] - p.first;
      let count = table[p.lines + y];
      let weights = 2 * p.lines + y * p.taps;
      var sum = vec3f();
      for (var k = 0; k < count; k++) {
        sum += rows[(start + k) * p.columns + x].rgb * bitcast<f32>(table[weights + k]);
      }
      value = ${orders[channels]};
    }
    output[y * p.width + x] = value;`,
  });

/** What makes a network's input of a frame, ready to be encoded. */
export interface Preparation {
  readonly spec: TensorSpec;
  encode(encoder: GPUCommandEncoder, target: GPUBuffer): void;
}

/** Brings the kernels of a preparation, so that nothing waits while it is encoded. @returns takes what binds the frame to a pipeline */
export async function bringPreparation(
  shop: Workshop,
  input: FrameInput,
  kind: FrameKind,
): Promise<(frame: (pipeline: GPUComputePipeline) => GPUBindGroup) => Preparation> {
  const [a, d] = [across(kind), down(input.channels)];
  const [acrossPipeline, downPipeline] = await Promise.all([shop.host.pipeline(a), shop.host.pipeline(d)]);
  return (frame) => {
    const { height, width, channels, range, mean, std } = input;
    const [columns, lines] = [input.across.start.length, input.down.start.length];
    const { start, count } = input.down;
    const first = start[0];
    const rows = start[lines - 1] + count[lines - 1] - first;
    const of = (values: readonly number[], fill: number) => [0, 1, 2].map((c) => values[c] ?? fill);
    return {
      spec: { dtype: 'float32', shape: [1, height, width, channels === 'grey' ? 1 : 3] },
      encode(encoder, target) {
        const resized = bufferFor(shop, 'rows of a frame', rows * columns * 16);
        const acrossTable = numbersFor(shop, 'taps across', [input.across], () => tableOf(input.across));
        const downTable = numbersFor(shop, 'taps down', [input.down], () => tableOf(input.down));
        const numbers = numbersFor(shop, 'normalisation', [...range, ...mean, ...std], () =>
          Float32Array.of((range[1] - range[0]) / 255, range[0], ...of(mean, 0), ...of(std, 1)),
        );
        encodeStage(shop, encoder, {
          name: 'frame across',
          kernel: a,
          pipeline: acrossPipeline,
          params: { first, rows, columns, taps: input.across.stride },
          buffers: [acrossTable, resized],
          groups: [groupsFor(columns, 16), groupsFor(rows, 4), 1],
          frame: frame(acrossPipeline),
        });
        encodeStage(shop, encoder, {
          name: 'frame down',
          kernel: d,
          pipeline: downPipeline,
          params: { height, width, first, lines, columns, taps: input.down.stride },
          buffers: [resized, downTable, numbers, target],
          groups: [groupsFor(width, 16), groupsFor(height, 4), 1],
        });
      },
    };
  };
}
