#!/usr/bin/env node
import { AtrousError, messageOf } from '@atrous/tensor';
import { Command } from 'commander';
import { classifyCommand } from './commands/classify.ts';
import { compareCommand } from './commands/compare.ts';
import { embedCommand } from './commands/embed.ts';
import { enqueueCommand } from './commands/enqueue.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { exportCommand } from './commands/export.ts';
import { finetuneCommand } from './commands/finetune.ts';
import { inspectCommand } from './commands/inspect.ts';
import { queueCommand } from './commands/queue.ts';
import { runCommand } from './commands/run.ts';
import { runtimesCommand } from './commands/runtimes.ts';
import { segmentCommand } from './commands/segment.ts';
import { serveCommand } from './commands/serve.ts';
import { summaryCommand } from './commands/summary.ts';
import { verifyCommand } from './commands/verify.ts';
import { workerCommand } from './commands/worker.ts';
import { stopOnSignals } from './interrupt.ts';
import { dropWhatNobodyReads, note } from './output.ts';
import { printable, printableJson } from './printable.ts';
import { version } from './version.ts';

dropWhatNobodyReads();
const interrupt = stopOnSignals();

const program = new Command('atrous')
  .description(
    'Xception encoders and DeepLab decoders: segment, classify and embed pictures; inspect, compare, run, score, teach and export networks',
  )
  .version(version)
  .showHelpAfterError('(--help shows what there is)')
  .addHelpText(
    'after',
    `
Exit codes: 0 all done; 1 an error, or a file that failed (the others are done); 130 interrupted (129, 143: by a hangup,
by a termination signal). Files are written whole or not at all, and never over an input.`,
  )
  .addCommand(segmentCommand(interrupt))
  .addCommand(classifyCommand(interrupt))
  .addCommand(embedCommand(interrupt))
  .addCommand(inspectCommand())
  .addCommand(summaryCommand())
  .addCommand(compareCommand(interrupt))
  .addCommand(runtimesCommand())
  .addCommand(evaluateCommand(interrupt))
  .addCommand(exportCommand())
  .addCommand(runCommand(interrupt))
  .addCommand(verifyCommand(interrupt))
  .addCommand(finetuneCommand(interrupt))
  .addCommand(serveCommand(interrupt))
  .addCommand(enqueueCommand(interrupt))
  .addCommand(workerCommand(interrupt))
  .addCommand(queueCommand(interrupt));
for (const command of [program, ...program.commands]) {
  command.configureOutput({ writeErr: (text) => process.stderr.write(printable(text)) });
}

try {
  await program.parseAsync();
} catch (error) {
  const code = error instanceof AtrousError ? error.code : 'internal';
  const message = messageOf(error);
  if (process.argv.includes('--json'))
    process.stdout.write(`${printableJson({ error: { code, message } })}\n`);
  note(`atrous: ${message}`);
  if (code === 'internal' && error instanceof Error) note(error.stack ?? '');
  process.exitCode ??= 1;
}
