import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type Tensor, type Tensors, tensor } from '@atrous/tensor';
import { loadAndCompile, loadLiteRt, Tensor as TheirTensor } from '@litertjs/core';

/**
 * LiteRT.js in Node, for tests. It is made for pages: it runs a script that leaves a factory in a global variable, asks for
 * a GPU, and tells the console what it does.
 */
export async function startLitert(): Promise<void> {
  const wasm = fileURLToPath(new URL('../wasm/', import.meta.resolve('@litertjs/core')));
  const page: Record<string, unknown> = globalThis as never;
  const silent = { print: () => {}, printErr: () => {} };
  page.self = page;
  page.Module = silent;
  page.importScripts = (script: string) => {
    const source = `${readFileSync(script, 'utf8')}\nreturn ModuleFactory;`;
    page.ModuleFactory = new Function('require', '__filename', '__dirname', source)(
      createRequire(script),
      script,
      wasm,
    );
  };
  const { warn } = console;
  console.warn = () => {}; // that there is no GPU
  try {
    await loadLiteRt(wasm);
  } finally {
    console.warn = warn;
    for (const name of ['self', 'Module', 'importScripts', 'ModuleFactory']) delete page[name];
  }
}

/** Runs a TensorFlow Lite file once, on WASM. Names and shapes of the results are the file's. */
export async function runLitert(file: Uint8Array, feeds: Readonly<Record<string, Tensor>>): Promise<Tensors> {
  const model = await loadAndCompile(file, { accelerator: 'wasm' });
  const given = Object.entries(feeds).map(([name, { data, shape }]) => {
    return [name, new TheirTensor(data as Float32Array, [...shape])] as const;
  });
  const results = await model.run(Object.fromEntries(given));
  const shapes = new Map(model.getOutputDetails().map(({ name, shape }) => [name, [...shape]]));
  const outputs = Object.entries(results).map(([name, result]) => {
    const data = result.toTypedArray() as Read;
    result.delete();
    return [name, tensor(dtypeOf(data), shapes.get(name)!, data)] as const;
  });
  for (const [, feed] of given) feed.delete();
  model.delete();
  return Object.fromEntries(outputs);
}

type Read = Float32Array | Uint8Array | Int32Array;

const dtypeOf = (data: Read): 'float32' | 'uint8' | 'int32' => {
  if (data instanceof Float32Array) return 'float32';
  return data instanceof Uint8Array ? 'uint8' : 'int32';
};
