import { existsSync } from 'node:fs';
import { type Cost, cost } from '@atrous/graph';
import {
  type Architecture,
  buildNetwork,
  classesOf,
  networkName,
  outputStrideOf,
  parseNetworkName,
} from '@atrous/zoo';
import { shippedModels } from '@atrous/zoo/node';
import type { Command } from 'commander';
import { openModel, size, wholeNumber } from '../options.ts';
import { print, short, table } from '../output.ts';
import { command, networkHint, outputStrideOption } from './command.ts';

interface SummaryFlags {
  readonly input?: { height: number; width: number };
  readonly outputStride?: 8 | 16 | 32;
  readonly classes?: number;
  readonly json: boolean;
}

export function summaryCommand(): Command {
  return command('summary', 'what a network consists of and costs, layer by layer')
    .argument('<network>', `${networkHint}; or a model folder`)
    .option(
      '--input <HxW>',
      'height and width of the picture (default: 299x299 for a classifier, 513x513 else)',
      size,
    )
    .option('--classes <n>', 'default: 1000 for a classifier, 21 else', wholeNumber(0))
    .addOption(outputStrideOption())
    .addHelpText(
      'after',
      `
Examples:
  atrous summary xception
  atrous summary deeplabv3plus-xception65 --classes 21 --output-stride 16 --input 513x513
  atrous summary people --json`,
    )
    .action(summary);
}

async function architectureOf(network: string, flags: SummaryFlags): Promise<Architecture> {
  const isModel = Object.hasOwn(shippedModels, network) || network.startsWith('@') || existsSync(network);
  if (isModel) return (await openModel(network, flags)).architecture;
  const { outputStride, classes } = flags;
  return { ...parseNetworkName(network), outputStride, classes };
}

async function summary(network: string, flags: SummaryFlags): Promise<void> {
  const architecture = await architectureOf(network, flags);
  const side = architecture.head === 'classifier' ? 299 : 513;
  const { height, width } = flags.input ?? { height: side, width: side };
  const report = cost(buildNetwork(architecture), { image: [1, height, width, 3] });
  const data = {
    network: networkName(architecture),
    input: [1, height, width, 3],
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
  };
  print(flags, data, () => describe(data, report));
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
