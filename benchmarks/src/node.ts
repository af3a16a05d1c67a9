// One process of Node: `node.ts compare|first|empty <request> …`, for runtimes keep threads and memory; prints JSON.
import { readFileSync } from 'node:fs';
import type { Contenders, Request } from './contender.ts';
import { compare, first } from './measure.ts';

const ours = (build: 'relaxed' | 'simd') => async () => {
  const [{ atrous }, { loadModel }, { wasm }] = await Promise.all([
    import('./contenders/atrous.ts'),
    import('@atrous/zoo'),
    import('@atrous/runtime-wasm'),
  ]);
  return atrous(loadModel, (threads) => wasm({ build, threads }));
};

const contenders: Contenders = {
  'atrous relaxed': ours('relaxed'),
  'atrous simd': ours('simd'),
  'onnxruntime-web, unfolded': async () => {
    const { onnx } = await import('./contenders/onnx.ts');
    return onnx(await import('onnxruntime-web'), 'unfolded.onnx', 'wasm');
  },
  'onnxruntime-node, unfolded': async () => {
    const { onnx } = await import('./contenders/onnx.ts');
    return onnx(await import('onnxruntime-node'), 'unfolded.onnx', 'cpu');
  },
  'tfjs-wasm': async () => {
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

const [, , task, json, argument] = process.argv;
const request = (json && JSON.parse(json)) as Request;
const tasks: Record<string, () => Promise<unknown>> = {
  // TensorFlow.js has one thread in Node.
  compare: () =>
    compare(
      contenders,
      Object.keys(contenders).filter((name) => name !== 'tfjs-wasm' || request.threads === 1),
      request,
      Number(argument),
    ),
  first: async () => ({
    ...(await first(contenders, argument, request)),
    peak: peakBytes(),
  }),
  empty: async () => ({ peak: peakBytes() }),
  list: async () => Object.keys(contenders),
};
process.stdout.write(`${JSON.stringify(await tasks[task]())}\n`, () => process.exit(0));
