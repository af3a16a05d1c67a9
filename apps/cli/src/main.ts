#!/usr/bin/env node
import { AtrousError, messageOf } from '@atrous/tensor';
import { Command } from 'commander';
import { commands } from './commands.ts';
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
  );
for (const make of Object.values(commands)) program.addCommand(make(interrupt));
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
