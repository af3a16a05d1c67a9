import { toSafetensors } from '@atrous/checkpoint';
import { fileBytes, writeWhole } from '@atrous/checkpoint/node';
import { withRuntime } from '@atrous/segmenter';
import { describeSpec } from '@atrous/tensor';
import { networkName, outputStrideOf } from '@atrous/zoo';
import type { Command } from 'commander';
import { readFeeds } from '../feeds.ts';
import { modelInputs } from '../model_paths.ts';
import { type CheckpointFlags, list, openModel } from '../options.ts';
import { note, print, table } from '../output.ts';
import { refuseOverwrites } from '../overwrites.ts';
import { printableName } from '../printable.ts';
import { runtimes } from '../runtimes.ts';
import { checkpointOptions, command, precisionOption, runtimeOption, threadsOption } from './command.ts';

interface RunFlags extends CheckpointFlags {
  readonly feeds: string;
  readonly output: string;
  readonly outputs?: readonly string[];
  readonly runtime: string;
  readonly threads?: number;
  readonly json: boolean;
}

export function runCommand(signal: AbortSignal): Command {
  const running = command(
    'run',
    'raw tensors in, named tensors out: for comparing with other implementations',
  )
    .argument(
      '<model>',
      'people, people-small, street, a model folder, an npm package, a URL, or a checkpoint of any format',
    )
    .requiredOption('--feeds <file>', 'safetensors with `image`, float [N,H,W,C], already normalised')
    .requiredOption('-o, --output <file>', 'safetensors with the outputs, float32, NHWC where the rank is 4')
    .option('--outputs <names>', 'any named values of the network (default: its own, logits)', list)
    .addOption(runtimeOption())
    .addOption(threadsOption())
    .addOption(precisionOption());
  for (const option of checkpointOptions()) running.addOption(option);
  return running
    .addHelpText(
      'after',
      `
Examples:
  atrous run people --feeds in.safetensors -o out.safetensors --outputs features,aspp,logits
  atrous run xception41.pth --output-stride 16 --feeds in.safetensors -o out.safetensors`,
    )
    .action((model: string, flags: RunFlags) => run(model, flags, signal));
}

async function run(name: string, flags: RunFlags, signal: AbortSignal): Promise<void> {
  refuseOverwrites([flags.feeds, ...modelInputs(name)], [{ path: flags.output, from: flags.feeds }]);
  const model = await openModel(name, flags);
  const feeds = await readFeeds(await fileBytes(flags.feeds), model.graph.inputs);
  const options = { threads: flags.threads, signal };
  const { value: session, ...chosen } = await withRuntime(runtimes, flags.runtime, options, (runtime) =>
    runtime.load(model, { outputs: flags.outputs, signal }),
  );
  const start = performance.now();
  let milliseconds = 0;
  const outputs = await session.run(feeds, { signal }).finally(() => {
    milliseconds = performance.now() - start;
    return session.dispose();
  });
  const file = await toSafetensors(outputs);
  await writeWhole(flags.output, file);
  const shapes = Object.fromEntries(Object.entries(outputs).map(([key, output]) => [key, output.shape]));
  const data = {
    runtime: chosen.name,
    reason: chosen.reason,
    source: model.source,
    network: networkName(model.architecture),
    outputStride: outputStrideOf(model.architecture),
    milliseconds: Math.round(milliseconds),
    outputs: shapes,
    output: flags.output,
    ignored: model.ignored,
  };
  if (model.ignored.length > 0 && !flags.json) note(describeIgnored(model.ignored));
  print(flags, data, () =>
    [
      `${printableName(name)} (${model.source}: ${data.network}, output stride ${data.outputStride}) on ${chosen.name}, ${data.milliseconds} ms`,
      table(Object.entries(outputs).map(([key, output]) => [`  ${key}`, describeSpec(output)])),
      `→ ${printableName(flags.output)}`,
    ].join('\n'),
  );
}

function describeIgnored(ignored: readonly string[]): string {
  const others = ignored.filter((name) => !name.endsWith('num_batches_tracked'));
  const counters = ignored.length - others.length;
  const parts = [
    ...(counters > 0 ? [`${counters} num_batches_tracked`] : []),
    ...(others.length > 0 ? [`${others.length} that the network does not have: ${others.join(', ')}`] : []),
  ];
  return `atrous: weights not used: ${parts.join('; ')}`;
}
