import { setTimeout as wait } from 'node:timers/promises';
import type { FleetStatus, SetApart } from '@atrous/fleet';
import { Argument, type Command } from 'commander';
import { bringFleet, type QueueFlags, queueAddress, queueOptions } from '../fleet.ts';
import { positiveNumber, wholeNumber } from '../options.ts';
import { note, print, table } from '../output.ts';
import { printableName } from '../printable.ts';
import { command } from './command.ts';

const actions = ['status', 'pause', 'resume', 'retry'] as const;

interface StatusFlags extends QueueFlags {
  readonly watch?: number;
  readonly failed: number;
  readonly json: boolean;
}

export function queueCommand(signal: AbortSignal): Command {
  const looking = command('queue', 'how far a queue is, and what was set apart; pause, resume, try again')
    .addArgument(
      new Argument(
        '[action]',
        'status; pause and resume for all workers; retry: what was set apart waits again',
      )
        .choices(actions)
        .default('status'),
    )
    .option('--watch <seconds>', 'says it again and again, until all is done', positiveNumber)
    .option('--failed <n>', 'how many of those set apart are listed', wholeNumber(0), 20)
    .addHelpText(
      'after',
      `
Needs a package of its own: npm install @atrous/fleet (with --global if atrous is).

Examples:
  atrous queue --queue redis://10.0.0.5
  atrous queue --watch 5
  atrous queue pause
  atrous queue --json | jq .waiting   # what a scaler asks`,
    )
    .action((action: (typeof actions)[number], flags: StatusFlags) => look(action, flags, signal));
  for (const option of queueOptions()) looking.addOption(option);
  return looking;
}

async function look(
  action: (typeof actions)[number],
  flags: StatusFlags,
  signal: AbortSignal,
): Promise<void> {
  const { openFleet } = await bringFleet();
  const fleet = await openFleet(queueAddress(flags));
  try {
    if (action !== 'status') await fleet[action]();
    for (;;) {
      const status = await fleet.status();
      const setApart = flags.failed > 0 ? await fleet.setApart(flags.failed) : [];
      print(flags, { ...status, setApart }, () => describe(status, setApart));
      const left = status.waiting + status.active + status.delayed;
      if (!flags.watch || left === 0 || signal.aborted) break;
      await wait(flags.watch * 1000, undefined, { signal }).catch(() => {});
    }
  } finally {
    await fleet.close();
  }
  if (signal.aborted) note('atrous: interrupted');
}

function describe(status: FleetStatus, setApart: readonly SetApart[]): string {
  const { isPaused, workers, waiting, active, delayed, done, failed, perMinute, refusals } = status;
  const rows = [
    ['waiting', waiting],
    ['under way', active],
    ['put off', delayed],
    ['done', done],
    ['set apart', failed],
  ];
  return [
    `${printableName(status.name)}: ${workers} workers${isPaused ? ', paused' : ''}`,
    table(rows),
    `${perMinute} pictures a minute, ${timeLeft(status.secondsLeft)}`,
    ...refusals.map((why) => `refused: ${why}`),
    ...setApart.map(({ key, error, attempts }) => `${printableName(key)} (${attempts} tries): ${error}`),
  ].join('\n');
}

function timeLeft(seconds: number | undefined): string {
  if (seconds === undefined) return 'nothing moves';
  if (seconds === 0) return 'all done';
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const parts =
    hours > 0 ? [`${hours} h`, `${minutes} min`] : minutes > 0 ? [`${minutes} min`] : [`${seconds} s`];
  return `${parts.join(' ')} left`;
}
