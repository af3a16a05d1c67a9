import { dirname, join } from 'node:path';
import { encodeSafetensors } from '@atrous/checkpoint';
import { makeFolder, writePieces, writeWhole } from '@atrous/checkpoint/node';
import {
  castToFloat,
  castToHalf,
  castToInt8,
  halfOverflows,
  type Model,
  type WeightSource,
  withLabels,
} from '@atrous/graph';
import { encodeOnnx } from '@atrous/runtime-onnx';
import { encodeGraphModel } from '@atrous/runtime-tfjs/graph-model';
import { AtrousError } from '@atrous/tensor';
import { encodeTflite } from '@atrous/tflite';
import { architectureMetadata, describeModel, folderSink, type LoadedModel, saveModel } from '@atrous/zoo';
import { type Command, Option } from 'commander';
import { modelFolderFiles, modelInputs } from '../model_paths.ts';
import {
  feedingHelp,
  logitsResize,
  type OnnxFlags,
  onnxEncoding,
  onnxOptions,
  refuseOnnxFlags,
} from '../onnx_export.ts';
import { type CheckpointFlags, list, openModel } from '../options.ts';
import { note, print, savingReports } from '../output.ts';
import { refuseOverwrites } from '../overwrites.ts';
import {
  dynamicRangeOption,
  refuseDynamicRange,
  type TfliteFlags,
  tfliteEncoding,
  tfliteHelp,
} from '../tflite_export.ts';
import { checkpointOptions, command, precisionOption } from './command.ts';

interface ExportFlags extends CheckpointFlags, OnnxFlags, TfliteFlags {
  readonly output: string;
  readonly outputs?: readonly string[];
  readonly half: boolean;
  readonly int8: boolean;
  /** The same as `size`. */
  readonly fixed?: OnnxFlags['size'];
  readonly json: boolean;
}

export function exportCommand(): Command {
  const exporting = command(
    'export',
    'write a model as ONNX, for TensorFlow Lite or TensorFlow.js, as safetensors, or as a model folder',
  )
    .argument(
      '<model>',
      'people, people-small, street, a model folder, an npm package, a URL, or a checkpoint of any format',
    )
    .requiredOption(
      '-o, --out <path>',
      'FILE.onnx, FILE.tflite, FILE.safetensors (our names), FOLDER/model.json (a GraphModel of TensorFlow.js, weights.bin beside it), or a folder',
    )
    .addOption(
      new Option(
        '--output <names>',
        'what the ONNX file, TensorFlow Lite file or GraphModel gives: any named values, or labels: class ids at the input size',
      ).argParser(list),
    )
    .option('--half', 'safetensors or a TensorFlow Lite file in half precision', false)
    .option(
      '--int8',
      'safetensors or a TensorFlow Lite file with kernels in 8 bits; in a model folder, beside the others',
      false,
    )
    .addOption(dynamicRangeOption())
    .addOption(precisionOption());
  for (const option of [...onnxOptions(), ...checkpointOptions()]) exporting.addOption(option);
  return exporting
    .addHelpText(
      'after',
      `
Examples:
  atrous export people -o people.onnx
  atrous export people -o people.onnx --output labels
  atrous export people -o people.onnx --size 288x384 --layout nchw --normalize
  atrous export people -o people.tflite --size 288x384 --half
  atrous export street -o street.tflite --int8 --dynamic-range
  atrous export people -o people-tfjs/model.json
  atrous export deeplabv3_resnet50_coco.pth -o deeplab-resnet50
  atrous export xception.h5 -o ours.safetensors
${feedingHelp}${tfliteHelp}`,
    )
    .action(
      (model: string, flags: Omit<ExportFlags, 'output' | 'outputs'> & { out: string; output?: string[] }) =>
        exportModel(model, { ...flags, output: flags.out, outputs: flags.output }),
    );
}

/** The graph that gives what was asked for. */
function selected(
  model: LoadedModel,
  outputs?: readonly string[],
): { model: Model; outputs?: readonly string[] } {
  if (!outputs?.includes('labels')) return { model, outputs };
  if (outputs.length > 1)
    throw new AtrousError('input', '--output labels stands alone: it is made from the logits');
  if (!model.graph.outputs.logits || model.architecture.head === 'classifier') {
    throw new AtrousError('input', '--output labels needs a network with a DeepLab head and classes');
  }
  return { model: { graph: withLabels(model.graph, logitsResize(model)), weights: model.weights } };
}

/** What will be written, by the ending of what was asked for. */
function outputFiles(output: string): string[] {
  if (/\.(onnx|tflite|safetensors)$/.test(output)) return [output];
  if (output.endsWith('.json')) return [output, join(dirname(output), 'weights.bin')];
  return modelFolderFiles(output);
}

/** Says which weights are beyond half precision. */
function noteKept(kept: readonly string[]): void {
  if (kept.length > 0) note(`atrous: beyond half precision, kept in float32: ${kept.join(', ')}`);
}

/** The weights as one file has them; what half precision cannot hold stays in float32, which is said. */
async function castWeights(given: Model, { half, int8 }: ExportFlags): Promise<WeightSource> {
  const model = castToFloat(given);
  if (int8) return castToInt8(model).weights;
  if (!half) return model.weights;
  const kept = await halfOverflows(model.weights);
  noteKept(kept);
  return castToHalf(model, kept).weights;
}

/** `--fixed` is `--size`. */
function withSize({ size, fixed, ...flags }: ExportFlags): ExportFlags {
  if (size && fixed) throw new AtrousError('input', '--size and --fixed are one option: leave --fixed out');
  return { ...flags, size: size ?? fixed };
}

/** Refuses flags that say nothing about what is written. */
function refuseFlags(flags: ExportFlags): void {
  const { output, outputs, half, int8 } = flags;
  const [isOnnx, isTflite] = ['.onnx', '.tflite'].map((ending) => output.endsWith(ending));
  const isGraphModel = output.endsWith('.json');
  if (!isOnnx && !isTflite && !isGraphModel && outputs)
    throw new AtrousError(
      'input',
      '--output goes with an ONNX file, a TensorFlow Lite file or a GraphModel: weights have no outputs',
    );
  if ((isOnnx || isGraphModel) && (half || int8))
    throw new AtrousError(
      'input',
      `--${half ? 'half' : 'int8'} goes with safetensors and TensorFlow Lite files: ONNX files and GraphModels are written in float32`,
    );
  if (half && int8) throw new AtrousError('input', '--half and --int8 are mutually exclusive');
  refuseDynamicRange(flags, isTflite);
  if (!isOnnx) refuseOnnxFlags(flags, isTflite);
}

async function exportModel(name: string, given: ExportFlags): Promise<void> {
  const flags = withSize(given);
  const { output, outputs, int8 } = flags;
  refuseFlags(flags);
  refuseOverwrites(
    modelInputs(name),
    outputFiles(output).map((path) => ({ path, from: name })),
  );
  const loaded = await openModel(name, flags);
  if (output.endsWith('.onnx')) {
    const { model, outputs: names } = selected(loaded, outputs);
    await writePieces(output, encodeOnnx(model, { outputs: names, ...(await onnxEncoding(loaded, flags)) }));
  } else if (output.endsWith('.tflite')) {
    const { model, outputs: names } = selected(loaded, outputs);
    const encoding = await tfliteEncoding(loaded, flags);
    const file = await encodeTflite(model, { outputs: names, ...encoding });
    noteKept(file.kept);
    await writePieces(output, file);
  } else if (output.endsWith('.json')) {
    const { model, outputs: names } = selected(loaded, outputs);
    const files = encodeGraphModel(model, { outputs: names });
    await writePieces(join(dirname(output), 'weights.bin'), files['weights.bin']);
    await writeWhole(output, files['model.json']);
  } else if (output.endsWith('.safetensors')) {
    await writePieces(
      output,
      encodeSafetensors(await castWeights(loaded, flags), architectureMetadata(loaded.architecture)),
    );
  } else {
    await makeFolder(output);
    const precisions = ['float32', 'float16', ...(int8 ? (['int8'] as const) : [])] as const;
    await saveModel(folderSink(output), loaded, await describeModel(loaded, name), precisions, savingReports);
  }
  const data = { model: name, output, source: loaded.source, ignored: loaded.ignored };
  print(flags, data, () => `${name} (${loaded.source}) → ${output}`);
}
