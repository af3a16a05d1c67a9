// Networks as TensorFlow Lite files, with a picture and what our own session makes of it, for check_tensorflow.py.
//
//   node --conditions=@atrous/source packages/tflite/scripts/cases.ts FOLDER geometries | random | GOLDEN | MODEL_FOLDER HEIGHT WIDTH
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { geometries, randomGraph, sizes } from '../../conformance/src/index.ts';
import { filledModel, type GoldenName, goldenImage, goldenNames, loadGolden } from '../../golden/src/node.ts';
import {
  castToHalf,
  castToInt8,
  foldBatchNorm,
  type Model,
  type Runtime,
  referenceRuntime,
} from '../../graph/src/index.ts';
import { wasm } from '../../runtime-wasm/src/node.ts';
import { loadModel } from '../../zoo/src/node.ts';
import { holdGolden } from '../../zoo/src/test_parity.ts';
import { encodeTflite, type TfliteOptions } from '../src/index.ts';

/** A network as it is to be written, and what must come out of it at most that far. */
interface Case {
  readonly name: string;
  readonly model: Model;
  readonly shape: readonly number[];
  readonly runtime: Runtime;
  readonly outputs?: readonly string[];
  readonly options?: Pick<TfliteOptions, 'precision' | 'dynamicRange'>;
  readonly tolerance: number;
}

/** The network with kernels as the file holds them. */
function rounded(model: Model, precision: TfliteOptions['precision']): Model {
  if (!precision || precision === 'float32') return model;
  const folded = foldBatchNorm(model);
  if (precision === 'int8') return castToInt8(folded);
  return castToHalf(
    folded,
    folded.weights.names.filter((name) => !name.endsWith('/kernel')),
  );
}

const precisions = [
  ['float32', {}, 1],
  ['float16', { precision: 'float16' }, 1],
  ['int8', { precision: 'int8' }, 1],
  ['int8, dynamic range', { precision: 'int8', dynamicRange: true }, 2000],
] as const;

/** A network in each precision. */
const inEach = (given: Omit<Case, 'options'>): Case[] =>
  precisions.map(([precision, options, factor]) => ({
    ...given,
    name: `${given.name}, ${precision}`,
    options,
    tolerance: given.tolerance * factor,
  }));

async function casesOf(what: string, height: number, width: number): Promise<Case[]> {
  if (what === 'geometries') {
    return [...geometries].flatMap(([name, model]) => {
      const base = { name, model, runtime: referenceRuntime, tolerance: 1e-5 };
      const isLabels = name.startsWith('arg_max'); // nothing is near a label
      const others = sizes
        .slice(1)
        .map((size) => ({ ...base, name: `${name} ${size}`, shape: [...size, 3] }));
      const all = inEach({ ...base, shape: [...sizes[0], 3] });
      return [...all.slice(0, isLabels ? -1 : undefined), ...others];
    });
  }
  if (what === 'random') {
    return Array.from({ length: 40 }, (_, seed) => {
      const graph = randomGraph(seed);
      const shape = [1, 13, 10, graph.inputs.image.shape[3]!];
      const model = filledModel(graph);
      return { name: `random ${seed}`, model, shape, runtime: referenceRuntime, tolerance: 1e-4 };
    });
  }
  if (goldenNames.includes(what as GoldenName)) {
    const golden = await loadGolden(what as GoldenName);
    const { model, outputs } = await holdGolden(golden);
    return [{ name: what, model, outputs, shape: golden.input.size, runtime: wasm(), tolerance: 1e-4 }];
  }
  const model = await loadModel(what);
  return inEach({ name: what, model, shape: [1, height, width, 3], runtime: wasm(), tolerance: 1e-4 });
}

const [folder, what, height, width] = process.argv.slice(2);
const written = [];
for (const [i, given] of (await casesOf(what, Number(height), Number(width))).entries()) {
  const { name, model, shape, runtime, outputs, options = {}, tolerance } = given;
  const { pieces } = await encodeTflite(model, { shapes: { image: shape }, outputs, ...options });
  await writeFile(join(folder, `${i}.tflite`), pieces);
  const image = goldenImage(shape);
  await writeFile(join(folder, `${i}.image`), image.data);
  const session = await runtime.load(rounded(model, options.precision), { outputs });
  const results = await session.run({ image });
  await session.dispose();
  const expected = Object.entries(results).map(async ([output, value], k) => {
    await writeFile(join(folder, `${i}.${k}`), value.data);
    return { output, file: `${i}.${k}`, dtype: value.dtype, shape: value.shape };
  });
  written.push({
    name,
    file: `${i}.tflite`,
    image: `${i}.image`,
    shape,
    tolerance,
    expected: await Promise.all(expected),
  });
}
await writeFile(join(folder, 'cases.json'), JSON.stringify(written));
process.exit(0);
