import { existsSync } from 'node:fs';
import { type Cost, cost, type EncoderFamily, type Graph, type WeightSource } from '@atrous/graph';
import {
  type Architecture,
  classesOf,
  findNetwork,
  networkName,
  outputStrideOf,
  shippedModels,
} from '@atrous/zoo';
import { type Command, Option } from 'commander';
import { openModel, size, wholeNumber } from '../options.ts';
import { print, short, table } from '../output.ts';
import { constantWeights, describeProfile, profileModel } from '../profile.ts';
import { command, networkHint, outputStrideOption, threadsOption } from './command.ts';

interface SummaryFlags {
  readonly profile: boolean;
  readonly threads?: number;
  readonly build?: 'relaxed' | 'simd';
  readonly input?: { height: number; width: number };
  readonly outputStride?: 8 | 16 | 32;
  readonly classes?: number;
  readonly json: boolean;
}

export function summaryCommand(): Command {
  return command('summary', 'what a network consists of and costs, layer by layer')
    .argument('<network>', `${networkHint}; or a checkpoint, a model folder or a package`)
    .option(
      '--input <HxW>',
      'height and width of the picture (default: what a classifier was trained on, 513x513 else)',
      size,
    )
    .option('--classes <n>', 'default: 1000 for a classifier, 21 else', wholeNumber(0))
    .addOption(outputStrideOption())
    .option('--profile', 'run it on our own engine, and show the time of each step', false)
    .addOption(threadsOption())
    .addOption(
      new Option('--build <kind>', 'kernels of the engine (default: the best that runs)').choices([
        'relaxed',
        'simd',
      ]),
    )
    .addHelpText(
      'after',
      `
Examples:
  atrous summary xception
  atrous summary deeplabv3plus-xception65 --classes 21 --output-stride 16 --input 513x513
  atrous summary people --profile --threads 1`,
    )
    .action(summary);
}

interface Summarised {
  readonly family: EncoderFamily;
  readonly architecture: Architecture;
  readonly graph: Graph;
  /** Of a model; a bare network has none. */
  readonly weights?: WeightSource;
}

async function find(network: string, flags: SummaryFlags): Promise<Summarised> {
  const isModel = Object.hasOwn(shippedModels, network) || network.startsWith('@') || existsSync(network);
  if (isModel) return openModel(network, flags);
  const { outputStride, classes } = flags;
  return findNetwork(network, { outputStride, classes });
}

async function summary(network: string, flags: SummaryFlags): Promise<void> {
  const { architecture, family, graph, weights } = await find(network, flags);
  const { inputSize, channels = 3 } = family.variants[architecture.encoder.variant];
  const side = architecture.head === 'classifier' ? inputSize : 513;
  const { height, width } = flags.input ?? { height: side, width: side };
  const shape = [1, height, width, channels];
  const report = cost(graph, { image: shape });
  const profile = flags.profile
    ? await profileModel({ graph, weights: weights ?? constantWeights(graph) }, shape, flags)
    : undefined;
  const data = {
    network: networkName(architecture),
    input: shape,
    outputStride: outputStrideOf(architecture),
    classes: classesOf(architecture),
    macs: report.multiplyAdds,
    parameters: report.parameters,
    statistics: report.statistics,
    activationBytes: report.activationBytes,
    ordinary: { macs: report.ordinary.multiplyAdds, parameters: report.ordinary.parameters },
    layers: report.nodes.map(({ name, kind, output, multiplyAdds, parameters, activationBytes }) => {
      return { name, kind, output: output.shape, macs: multiplyAdds, parameters, activationBytes };
    }),
    ...(profile && { profile }),
  };
  print(flags, data, () => (profile ? describeProfile(data, profile) : describe(data, report)));
}

function describe(
  data: { network: string; input: readonly number[]; outputStride: number; classes: number },
  report: Cost,
): string {
  const rows = report.nodes.map(({ name, kind, output, multiplyAdds, parameters }) => {
    return [
      name,
      kind,
      output.shape.join('×'),
      multiplyAdds ? short(multiplyAdds) : '',
      parameters ? short(parameters) : '',
    ];
  });
  const { ordinary } = report;
  const ratio = ordinary.multiplyAdds / report.multiplyAdds;
  return [
    `${data.network}: ${data.input.join('×')}, output stride ${data.outputStride}, ${data.classes} classes`,
    '',
    table([['layer', 'operator', 'output', 'multiply-adds', 'parameters'], ...rows]),
    '',
    `multiply-adds  ${short(report.multiplyAdds)}`,
    `parameters     ${short(report.parameters)} trainable, ${short(report.statistics)} moving statistics`,
    `activations    ${short(report.activationBytes)}B in all`,
    `with ordinary convolutions: ${short(ordinary.multiplyAdds)} multiply-adds (${ratio.toFixed(1)} ×), ${short(ordinary.parameters)} parameters`,
  ].join('\n');
}
