import { runtimeNames } from '@atrous/segmenter';
import { sources } from '@atrous/zoo';
import { Command, InvalidArgumentError, Option } from 'commander';
import { numbersWithin, wholeNumber } from '../options.ts';
import { runtimes } from '../runtimes.ts';

/** A command with what all of them have. */
export function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--json', 'print the result as JSON, and nothing else', false);
}

export const runtimeOption = (): Option =>
  new Option('--runtime <name>', 'what runs the network').choices(runtimeNames(runtimes)).default('auto');

export const threadsOption = (): Option =>
  new Option('--threads <n>', 'threads of the runtime (default: as it chooses)').argParser(wholeNumber(1));

export const precisionOption = (): Option =>
  new Option(
    '--precision <kind>',
    'which weights of a model folder (default: the first of its order for Node, else the widest)',
  ).choices(['float32', 'float16', 'int8']);

export const computeOption = (): Option =>
  new Option(
    '--compute <kind>',
    'in what convolutions are computed: int8 is faster on --runtime wasm, float16 halves the weights on webgpu; auto is as the model advises',
  )
    .choices(['float32', 'float16', 'int8', 'auto'])
    .default('float32');

/** How the network looks at a picture: `ViewOptions` of the segmenter. */
export const viewOptions = (): Option[] => [
  new Option(
    '--scales <list>',
    'sees the picture at these multiples of its size, e.g. 0.75,1,1.5, and takes the mean (default: 1)',
  ).argParser(numbersWithin(0.1, 10)),
  new Option('--flip', 'sees it mirrored, too').default(false),
  new Option(
    '--window <px>',
    'the longest side seen at once; more by overlapping windows (default: 1024 where the model takes pictures at their own size)',
  ).argParser(wholeNumber(64)),
];

/** What a bare checkpoint needs to be said about. */
export const checkpointOptions = (): Option[] => [
  new Option('--network <name>', `network of a bare checkpoint (default: recognised): ${networkHint}`),
  new Option('--source <name>', 'naming of a bare checkpoint (default: recognised)').choices(
    sources.map(({ name }) => name),
  ),
  outputStrideOption(),
  new Option('--classes <n>', 'must agree with the checkpoint; 0 leaves the last layer out').argParser(
    wholeNumber(0),
  ),
];

export const outputStrideOption = (): Option =>
  new Option(
    '--output-stride <n>',
    '8, 16 or 32 (default: 32 for a classifier, 16 with a DeepLab head)',
  ).argParser((text) => {
    if (!['8', '16', '32'].includes(text)) throw new InvalidArgumentError('Expected 8, 16 or 32.');
    return Number(text);
  });

export const networkHint: string =
  'an encoder (xception65, resnet50, mobilenetv2_100, inception_v3, vgg16, …), or one after deeplabv3- or deeplabv3plus-';
