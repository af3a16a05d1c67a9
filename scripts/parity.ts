// How far each runtime is from the original implementations, for every golden: a table in Markdown.
// Errors are the largest of all that a golden's file holds, relative to the original's largest value.
//
//   node --conditions=@atrous/source scripts/parity.ts [--goldens PATTERN] [--runtimes PATTERN] [--times]
import { parseArgs } from 'node:util';
import { goldenNames, loadGolden } from '../packages/golden/src/node.ts';
import { type Runtime, referenceRuntime } from '../packages/graph/src/index.ts';
import { onnxNative } from '../packages/runtime-onnx/src/native.ts';
import { onnxWasm } from '../packages/runtime-onnx/src/wasm_node.ts';
import { tfjsWasm } from '../packages/runtime-tfjs/src/wasm_node.ts';
import { wasm } from '../packages/runtime-wasm/src/node.ts';
import { webgpuRuntime } from '../packages/runtime-webgpu/src/runtime_node.ts';
import { holdGolden, parityError } from '../packages/zoo/src/test_parity.ts';

const { values: options } = parseArgs({
  options: {
    goldens: { type: 'string', default: '' },
    runtimes: { type: 'string', default: '' },
    times: { type: 'boolean', default: false },
  },
});

const all: readonly (readonly [name: string, runtime: Runtime])[] = [
  ['reference', referenceRuntime],
  ['onnx:native', onnxNative()],
  ['onnx:wasm', onnxWasm()],
  ['wasm, relaxed SIMD', wasm({ build: 'relaxed' })],
  ['wasm, SIMD128', wasm({ build: 'simd' })],
  ['tfjs:wasm', tfjsWasm()],
  ['webgpu', webgpuRuntime({ allowSoftware: true })],
];
const runtimes = all.filter(([name]) => new RegExp(options.runtimes).test(name));
const row = (cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`);

row(['golden', ...runtimes.map(([name]) => name)]);
row(['---', ...runtimes.map(() => '---:')]);
for (const name of goldenNames.filter((golden) => new RegExp(options.goldens).test(golden))) {
  const golden = await loadGolden(name);
  const held = await holdGolden(golden);
  const cells: string[] = [];
  for (const [, runtime] of runtimes) {
    const start = process.cpuUsage().user;
    const error = await parityError(golden, runtime, held);
    const seconds = (process.cpuUsage().user - start) / 1e6;
    cells.push(error.toExponential(1) + (options.times ? ` (${seconds.toFixed(1)} s)` : ''));
  }
  row([`\`${name}\``, ...cells]);
}
process.exit(0);
