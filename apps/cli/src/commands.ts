import type { Command } from 'commander';
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

/** What the command can do, in the order of its help: each by its name, stopped by the signal. */
export const commands: Readonly<Record<string, (signal: AbortSignal) => Command>> = {
  segment: segmentCommand,
  classify: classifyCommand,
  embed: embedCommand,
  inspect: inspectCommand,
  summary: summaryCommand,
  compare: compareCommand,
  runtimes: runtimesCommand,
  evaluate: evaluateCommand,
  export: exportCommand,
  run: runCommand,
  verify: verifyCommand,
  finetune: finetuneCommand,
  serve: serveCommand,
  enqueue: enqueueCommand,
  worker: workerCommand,
  queue: queueCommand,
};
