#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { AtrousError, messageOf } from '@atrous/tensor';
import { Command } from 'commander';
import { evaluateCommand } from './commands/evaluate.ts';
import { exportCommand } from './commands/export.ts';
import { finetuneCommand } from './commands/finetune.ts';
import { runCommand } from './commands/run.ts';
import { runtimesCommand } from './commands/runtimes.ts';
import { segmentCommand } from './commands/segment.ts';
import { summaryCommand } from './commands/summary.ts';
import { verifyCommand } from './commands/verify.ts';
import { note } from './output.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort(new AtrousError('runtime', 'interrupted')));

const program = new Command('atrous')
  .description(
    'Xception encoders and DeepLab decoders: segment pictures, inspect, run, score, teach and export networks',
  )
  .version(version)
  .showHelpAfterError('(--help shows what there is)')
  .addCommand(segmentCommand(interrupt.signal))
  .addCommand(summaryCommand())
  .addCommand(runtimesCommand())
  .addCommand(evaluateCommand(interrupt.signal))
  .addCommand(exportCommand())
  .addCommand(runCommand(interrupt.signal))
  .addCommand(verifyCommand(interrupt.signal))
  .addCommand(finetuneCommand(interrupt.signal));

try {
  await program.parseAsync();
} catch (error) {
  const code = error instanceof AtrousError ? error.code : 'internal';
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ error: { code, message: messageOf(error) } }, null, 2)}\n`);
  }
  note(`atrous: ${messageOf(error)}`);
  if (code === 'internal' && error instanceof Error) note(error.stack ?? '');
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
}
