import { existsSync, statSync } from 'node:fs';
import { formatOf } from '@atrous/checkpoint';
import { fileBytes } from '@atrous/checkpoint/node';
import { weightShapes } from '@atrous/graph';
import { sizeOf } from '@atrous/tensor';
import {
  classesOf,
  describeModel,
  labelSetName,
  leftOver,
  type ModelDescription,
  networkName,
  type OtherReading,
  outputStrideOf,
} from '@atrous/zoo';
import type { Command } from 'commander';
import { type CheckpointFlags, openModel } from '../options.ts';
import { print, short, table } from '../output.ts';
import { printableName } from '../printable.ts';
import { checkpointOptions, command, precisionOption } from './command.ts';

interface InspectFlags extends CheckpointFlags {
  readonly json: boolean;
}

/** How many names of what is left over are shown. */
const shownNames = 8;

export function inspectCommand(): Command {
  const inspecting = command(
    'inspect',
    'what a file holds: whose weights, which network, what its pictures are, what was left over',
  )
    .argument('<file>', 'a checkpoint of any format, a model folder, a package or a URL')
    .addOption(precisionOption());
  for (const option of checkpointOptions()) inspecting.addOption(option);
  return inspecting
    .addHelpText(
      'after',
      `
Examples:
  atrous inspect deeplabv3_resnet50_coco.pth
  atrous inspect xception_weights.h5 --json
  atrous inspect people`,
    )
    .action(inspect);
}

async function inspect(name: string, flags: InspectFlags): Promise<void> {
  const model = await openModel(name, flags);
  const { architecture, source, wrapper, used, ignored, graph, alsoFits = [] } = model;
  const { unneeded, left } = leftOver(model);
  const { preprocess, postprocess, labels, task } = await describeModel(model, name);
  const isFile = existsSync(name) && statSync(name).isFile();
  const format = isFile ? await formatOf(await fileBytes(name)) : undefined;
  const parameters = [...weightShapes(graph)]
    .filter(([key]) => !/\/(mean|variance)$/.test(key))
    .reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
  const classes = classesOf(architecture);
  const data = {
    file: name,
    ...(format && { format: format.name }),
    source,
    task,
    network: networkName(architecture),
    ...architecture.encoder,
    head: architecture.head,
    outputStride: outputStrideOf(architecture),
    classes,
    labels: model.config ? 'its config' : (labelSetName(classes) ?? 'not known'),
    parameters,
    weights: { used, left: ignored.length, unneeded: unneeded.length, wrapper },
    left: ignored,
    alsoFits,
    preprocess,
    ...(architecture.head !== 'classifier' && { postprocess }),
    architecture,
  };
  print(flags, data, () =>
    table([
      ['file', printableName(name)],
      ...(format ? [['format', format.name]] : []),
      ['weights of', source],
      [
        'network',
        `${data.network}, output stride ${data.outputStride}, ${classes} classes, ${short(parameters)} parameters`,
      ],
      ['encoder', describeOptions(architecture.encoder)],
      [
        'classes',
        describeClasses(
          labels.map((label) => label.name),
          data.labels,
        ),
      ],
      [
        'tensors',
        `${used} used, ${ignored.length} left over${wrapper ? `, all behind "${printableName(wrapper)}"` : ''}`,
      ],
      ...(ignored.length > 0 ? [['left over', describeLeft(unneeded, left)]] : []),
      ['pictures', describePictures(preprocess)],
      ...(alsoFits.length > 0 ? [['fits, too', describeOthers(alsoFits, wrapper)]] : []),
    ]),
  );
}

function describeOptions({
  family,
  variant,
  options = {},
}: {
  family: string;
  variant: string;
  options?: object;
}): string {
  const said = Object.entries(options).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [`${variant} (family ${family})`, ...said].join(', ');
}

function describeClasses(names: readonly string[], from: string): string {
  const shown = names.slice(0, 4).join(', ');
  return `${shown}${names.length > 4 ? `, … (${names.length})` : ''}; ${from === 'not known' ? 'names not known' : `from ${from}`}`;
}

function describeLeft(unneeded: readonly string[], left: readonly string[]): string {
  const shown = left.slice(0, shownNames).map(printableName).join(', ');
  const more = left.length > shownNames ? `, … and ${left.length - shownNames} more` : '';
  const counted = unneeded.length > 0 ? [`${unneeded.length} that only training needs`] : [];
  return [...counted, ...(shown ? [shown + more] : [])].join('; ');
}

function describeOthers(others: readonly OtherReading[], taken: string): string {
  const shown = others.map(({ source, network, differs, wrapper }) => {
    if (wrapper !== taken) return `other weights of it behind "${printableName(wrapper)}"`;
    return `${network} of ${source}${differs ? ', which computes something else (say --source)' : ''}`;
  });
  return shown.join('; ');
}

function describePictures({ size, fit, channels, range, mean, std }: ModelDescription['preprocess']): string {
  const sides =
    size.mode === 'fixed'
      ? `${size.height}×${size.width}`
      : size.mode === 'original'
        ? `their own size, sides multiples of ${size.multipleOf}`
        : `${size.mode.replace('-', ' ')} ${size.pixels}, sides multiples of ${size.multipleOf}`;
  return `${sides}${fit === 'pad' ? ', padded with the mean' : ''}; ${channels} from ${range.join(' to ')}, minus ${mean.join(', ')}, over ${std.join(', ')}`;
}
