import { makeFolder } from '@atrous/checkpoint/node';
import { balancedWeights, type ClassGroup, classTable, idsOfGroups, remap } from '@atrous/dataset';
import { type Pair, pairFolders, readLabels } from '@atrous/dataset/node';
import type { Runtime } from '@atrous/graph';
import { type NamedClass, paletteOf } from '@atrous/mask';
import { type Example, finetune, type TrainingStep } from '@atrous/runtime-tfjs/train';
import { prepare, readPicture, withRuntime } from '@atrous/segmenter';
import { AtrousError, type Tensor } from '@atrous/tensor';
import { folderSink, type ModelConfig, saveModel } from '@atrous/zoo';
import { type Command, Option } from 'commander';
import { classColor, idGroups, ignored, mappingAdvice } from '../classes.ts';
import { modelFolderFiles, modelInputs } from '../model_paths.ts';
import { openModel, positiveNumber, wholeNumber } from '../options.ts';
import { note, percent, print, savingReports } from '../output.ts';
import { refuseOverwrites } from '../overwrites.ts';
import { maxPixelsOption } from '../pairs.ts';
import { runtimes } from '../runtimes.ts';
import { scoreLines, scoreWarnings } from '../scores.ts';
import { command, runtimeOption, threadsOption } from './command.ts';

interface FinetuneFlags {
  readonly model: string;
  readonly images: string;
  readonly labels: string;
  readonly classes: readonly ClassGroup[];
  readonly heldOutImages?: string;
  readonly heldOutLabels?: string;
  readonly heldOut: number;
  readonly evaluateEvery?: number;
  readonly ignore: number;
  readonly maxPixels: number;
  readonly output: string;
  readonly name?: string;
  readonly unfreezeFrom?: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: 'adam' | 'sgd';
  readonly learningRate?: number;
  readonly batchNorm: 'frozen' | 'live';
  readonly augment: boolean;
  readonly balance: boolean;
  readonly seed: number;
  readonly trainer: 'tfjs:wasm' | 'tfjs:cpu';
  readonly runtime: string;
  readonly threads?: number;
  readonly json: boolean;
}

export function finetuneCommand(signal: AbortSignal): Command {
  return command('finetune', 'teach a model new classes on your own pictures')
    .requiredOption('--images <folder>', 'pictures: JPEG, PNG or WebP')
    .requiredOption(
      '--labels <folder>',
      'PNGs of ids (indexed or grey, or RGB in the colours of a palette), named as the pictures',
    )
    .requiredOption(
      '--classes <list>',
      'names in the order of their ids, or with the ids that each takes: sky=0,ground=3+4',
      idGroups,
    )
    .requiredOption('-o, --output <folder>', 'where the model goes: config.json and weights')
    .option(
      '--model <name>',
      'people, people-small, street, a checkpoint of any format, a model folder, an npm package or a URL',
      'people',
    )
    .option('--name <name>', 'of the new model (default: the model’s, with “-finetuned”)')
    .option('--held-out-images <folder>', 'pictures to measure by')
    .option('--held-out-labels <folder>', 'their labels')
    .option('--held-out <n>', 'or: hold out the last N pictures by name', wholeNumber(0), 0)
    .option('--evaluate-every <n>', 'look at the held-out pictures every so many steps', wholeNumber(1))
    .option('--ignore <id>', 'the id in labels that is ignored', wholeNumber(0), 255)
    .addOption(maxPixelsOption())
    .option(
      '--unfreeze-from <block>',
      'the first block of the encoder that learns too, e.g. exit_flow/block1',
    )
    .option('--epochs <n>', 'how often each picture is seen', wholeNumber(1), 40)
    .option('--batch-size <n>', 'pictures per step', wholeNumber(1), 4)
    .addOption(new Option('--optimizer <name>', 'how it learns').choices(['adam', 'sgd']).default('adam'))
    .option('--learning-rate <rate>', 'at the first step (default: 0.001, or 0.01 for sgd)', positiveNumber)
    .addOption(
      new Option('--batch-norm <mode>', 'statistics as they are, or of each batch')
        .choices(['frozen', 'live'])
        .default('frozen'),
    )
    .option('--augment', 'flip, scale, crop and change the colours of pictures', false)
    .option('--balance', 'weight the loss by inverse class frequency', false)
    .option('--seed <n>', 'of the new classifier and the order of pictures', wholeNumber(0), 0)
    .addOption(
      new Option('--trainer <name>', 'where it learns')
        .choices(['tfjs:wasm', 'tfjs:cpu'])
        .default('tfjs:wasm'),
    )
    .addOption(runtimeOption())
    .addOption(threadsOption())
    .addHelpText(
      'after',
      `
--runtime executes the frozen layers; ids that no class takes are an error, but for --ignore. Every class needs
labelled pixels.

Example:
  atrous finetune --images street/images --labels street/labels --held-out 4 -o my-model \\
    --classes sky=0,ground=3+4,built=1+2+6+7,green=5,moving=8+9+10`,
    )
    .action((flags: FinetuneFlags) => run(flags, signal));
}

async function readExample(pair: Pair, flags: FinetuneFlags, config: ModelConfig): Promise<Example> {
  const { picture, truth } = pair;
  const pixels = await readPicture(picture);
  const { maxPixels } = flags;
  const ids = await readLabels(pair, { maxPixels, palette: paletteOf(config.labels) });
  const classes = classTable(flags.classes, { ignore: [flags.ignore], advice: mappingAdvice });
  const labels = remap(ids, classes, ignored, truth);
  if (labels.height !== pixels.height || labels.width !== pixels.width) {
    throw new AtrousError(
      'input',
      `${truth}: its labels are ${labels.height}×${labels.width}, ${picture} is ${pixels.height}×${pixels.width}: expected the same size`,
    );
  }
  return { name: picture, image: prepare(pixels, config.preprocess) as Tensor<'float32'>, labels };
}

/** One after the other, so that the first that is wrong is the one that is named. */
async function readExamples(
  pairs: readonly Pair[],
  flags: FinetuneFlags,
  config: ModelConfig,
): Promise<Example[]> {
  const examples: Example[] = [];
  for (const pair of pairs) examples.push(await readExample(pair, flags, config));
  return examples;
}

const augmentation = { flip: true, scale: [0.75, 1.5], color: 0.2 } as const;

async function split(flags: FinetuneFlags): Promise<{ learned: Pair[]; measured: Pair[] }> {
  const { images, labels, heldOut, heldOutImages, heldOutLabels } = flags;
  if ((heldOutImages === undefined) !== (heldOutLabels === undefined))
    throw new AtrousError('input', '--held-out-images and --held-out-labels go together');
  const pairs = await pairFolders(images, labels);
  const apart = heldOutImages && heldOutLabels ? await pairFolders(heldOutImages, heldOutLabels) : [];
  if (heldOut >= pairs.length)
    throw new AtrousError('input', `--held-out ${heldOut}: only ${pairs.length} pictures in ${images}`);
  const cut = pairs.length - heldOut;
  return { learned: pairs.slice(0, cut), measured: [...pairs.slice(cut), ...apart] };
}

async function run(flags: FinetuneFlags, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  const both = flags.classes.find((_, i) => idsOfGroups(flags.classes)[i]?.includes(flags.ignore));
  if (both)
    throw new AtrousError(
      'input',
      `id ${flags.ignore} is mapped to class "${both.name}" and given as --ignore: remove one of the two`,
    );
  const model = await openModel(flags.model, {});
  if (!model.config)
    throw new AtrousError('input', `${flags.model}: expected a model folder with its config.json`);
  const { config } = model;
  const pairs = await split(flags);
  const given = [...pairs.learned, ...pairs.measured].flatMap(({ picture, truth }) => [picture, truth]);
  refuseOverwrites(
    [...modelInputs(flags.model), ...given],
    modelFolderFiles(flags.output).map((path) => ({ path, from: flags.model })),
  );
  const examples = await readExamples(pairs.learned, flags, config);
  const heldOut = await readExamples(pairs.measured, flags, config);
  await makeFolder(flags.output); // not after half an hour of training
  const { tfjsWasm } = await import('@atrous/runtime-tfjs/wasm');
  const { tfjsCpu } = await import('@atrous/runtime-tfjs/cpu');
  const classNames = flags.classes.map(({ name }) => name);
  const classes = classNames.length;
  let encoder: string = flags.trainer; // where no layer is frozen
  const encoderRuntime: Runtime = {
    name: flags.runtime,
    available: async () => true,
    async load(frozen, options) {
      const chosen = await withRuntime(
        runtimes,
        flags.runtime,
        { threads: flags.threads, signal },
        (runtime) => runtime.load(frozen, options),
      );
      encoder = chosen.name;
      return chosen.value;
    },
  };
  const result = await finetune(model, {
    ...flags,
    runtime: flags.trainer === 'tfjs:cpu' ? tfjsCpu() : tfjsWasm(),
    blockOf: model.family.blockOf,
    encoderRuntime,
    classes,
    classNames,
    examples,
    heldOut,
    ignoreId: ignored,
    resize: config.postprocess.resize,
    ...(flags.augment && { augmentation }),
    ...(flags.balance && {
      classWeights: balancedWeights(
        examples.map(({ labels }) => labels),
        classes,
        ignored,
      ),
    }),
    onStep: (step) => showStep(step, flags.json),
    signal,
  });
  if (!flags.json && process.stderr.isTTY) note('');
  const { model: learned, steps, scores } = result;
  const labels: NamedClass[] = flags.classes.map(({ name }, id) => ({ id, name, color: classColor(id) }));
  const { weights: _weights, scores: _scores, training: _training, ...kept } = config;
  const written = {
    ...kept,
    name: flags.name ?? `${config.name}-finetuned`,
    architecture: { ...config.architecture, classes },
    labels,
    ignoreId: ignored,
    training: {
      from: config.name,
      pictures: examples.length,
      steps: steps.length,
      optimizer: flags.optimizer,
      batchSize: flags.batchSize,
      seed: flags.seed,
    },
    ...(scores &&
      scores.miou !== null && {
        scores: { miou: scores.miou, accuracy: scores.accuracy, pictures: heldOut.length },
      }),
  };
  await saveModel(folderSink(flags.output), learned, written, undefined, savingReports);
  const data = {
    output: flags.output,
    trainer: flags.trainer,
    encoder,
    pictures: examples.length,
    heldOut: heldOut.length,
    steps: steps.length,
    loss: steps.at(-1)?.loss,
    ...(scores && {
      miou: scores.miou,
      accuracy: scores.accuracy,
      ignored: scores.ignored,
      absent: scores.absent.map((id) => classNames[id]),
      iou: scores.iou,
    }),
    seconds: (performance.now() - began) / 1000,
  };
  print(flags, data, () =>
    [
      `${written.name}: ${data.pictures} pictures, ${data.steps} steps on ${data.trainer}, the encoder on ${data.encoder}, ${data.seconds.toFixed(0)} s`,
      ...(scores ? [`on ${heldOut.length} held-out pictures:`, ...scoreLines(classNames, scores)] : []),
      `→ ${flags.output}`,
    ].join('\n'),
  );
  if (scores)
    for (const warning of scoreWarnings(classNames, scores)) note(`atrous: warning: held out: ${warning}`);
}

function showStep({ step, steps, loss, milliseconds, scores }: TrainingStep, json: boolean): void {
  if (json) return;
  if (scores && scores.miou !== null && step < steps)
    note(`${process.stderr.isTTY ? '\r\x1b[K' : ''}step ${step}: mean IoU ${percent(scores.miou)}`);
  if (!process.stderr.isTTY) return;
  const left = Math.round(((steps - step) * milliseconds) / 1000);
  process.stderr.write(`\r\x1b[Kstep ${step}/${steps}, loss ${loss.toFixed(4)}, ${left} s left`);
}
