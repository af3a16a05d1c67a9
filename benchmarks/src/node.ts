// One process of Node: `node.ts compare|first|empty|list <request> <names> <effort>`, for runtimes keep threads and memory; prints JSON.
import { readFileSync } from 'node:fs';
import type { Contenders, Request } from './contender.ts';
import { compare, type Effort, first } from './measure.ts';

const ours = (build: 'relaxed' | 'simd', compute: 'float32' | 'int8') => async () => {
  const [{ atrous }, { loadModel }, { wasm }] = await Promise.all([
    import('./contenders/atrous.ts'),
    import('@atrous/zoo'),
    import('@atrous/runtime-wasm'),
  ]);
  return atrous(loadModel, wasm, { build, compute });
};

/** LiteRT.js is made for pages. */
const contenders: Contenders = {
  'atrous relaxed': ours('relaxed', 'float32'),
  'atrous simd': ours('simd', 'float32'),
  'atrous int8': ours('relaxed', 'int8'),
  'onnxruntime-web': async () => {
    const { onnx } = await import('./contenders/onnx.ts');
    return onnx(await import('onnxruntime-web'), 'folded.onnx', 'wasm');
  },
  'onnxruntime-node': async () => {
    const { onnx } = await import('./contenders/onnx.ts');
    return onnx(await import('onnxruntime-node'), 'folded.onnx', 'cpu');
  },
  'TensorFlow.js': async () => {
    const { loadModel } = await import('@atrous/zoo');
    const { tfjs } = await import('./contenders/tfjs.ts');
    return tfjs(loadModel);
  },
};

/** Of this process alone: what `resourceUsage` says begins with the parent's. */
function peakBytes(): number {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

async function cpuClock(): Promise<number> {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const [, , task, json = 'null', names = '', effort = 'null'] = process.argv;
const request = JSON.parse(json) as Request;
const tasks: Record<string, () => Promise<unknown>> = {
  compare: () =>
    compare(
      contenders,
      // TensorFlow.js has one thread in Node.
      names.split(',').filter((name) => name !== 'TensorFlow.js' || request.threads === 1),
      request,
      JSON.parse(effort) as Effort,
      cpuClock,
    ),
  first: async () => ({
    ...(await first(contenders, names, request)),
    peak: peakBytes(),
  }),
  empty: async () => ({ peak: peakBytes() }),
  list: async () => Object.keys(contenders),
};
process.stdout.write(`${JSON.stringify(await tasks[task]())}\n`, () => process.exit(0));
