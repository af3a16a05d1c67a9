// One thread count in Node, where onnxruntime-web keeps it for the whole process: prints rows as JSON.
import { goldenImage, relativeError } from '@atrous/golden';
import type { Model, Runtime } from '@atrous/graph';
import { onnxNative } from '@atrous/runtime-onnx/native';
import { onnxWasm } from '@atrous/runtime-onnx/wasm';
import { type WasmSession, wasm } from '@atrous/runtime-wasm';
import type { Session, Tensor } from '@atrous/tensor';
import { modelOf, networks } from './networks.ts';

const threads = Number(process.argv[2]);
const rounds = Number(process.argv[3]);
const [network] = Object.keys(networks);
const contenders: Readonly<Record<string, Runtime>> = {
  'atrous relaxed': wasm({ build: 'relaxed', threads }),
  'atrous simd': wasm({ build: 'simd', threads }),
  'onnxruntime-web': onnxWasm({ threads }),
  'onnxruntime-node': onnxNative({ threads }),
};

const model: Model = modelOf(network);
const feeds = { image: goldenImage(networks[network].shape) };
const sessions: [string, Session][] = [];
for (const [name, runtime] of Object.entries(contenders)) sessions.push([name, await runtime.load(model)]);

const times = new Map<string, number[]>(sessions.map(([name]) => [name, []]));
const peaks = new Map<string, number[][]>(sessions.map(([name]) => [name, []]));
const errors = new Map<string, number>();
let first: Tensor | undefined;
const measurePeaks = async () => {
  for (const [name, session] of sessions) {
    if ('peak' in session) peaks.get(name)?.push([...(await (session as WasmSession).peak())]);
  }
};
await measurePeaks();
for (let round = 0; round < rounds + 2; round++) {
  for (const [name, session] of sessions) {
    await new Promise((resolve) => setTimeout(resolve, 250)); // pools of others spin for a while
    const began = performance.now();
    const { logits } = await session.run(feeds);
    if (round >= 2) times.get(name)?.push(performance.now() - began);
    first ??= logits;
    errors.set(name, relativeError(logits, first));
  }
}
await measurePeaks();
const rows = sessions.map(([contender]) => {
  const all = times.get(contender) ?? [];
  const milliseconds = all.toSorted((a, b) => a - b)[all.length >> 1];
  const loops = peaks.get(contender) ?? [];
  return {
    network,
    threads,
    contender,
    milliseconds,
    all,
    error: errors.get(contender),
    ...(loops.length > 0 && { peaks: loops }),
  };
});
for (const [, session] of sessions) await session.dispose();
process.stdout.write(`${JSON.stringify(rows)}\n`);
