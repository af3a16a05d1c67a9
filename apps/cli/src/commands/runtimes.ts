import { listRuntimes } from '@atrous/segmenter';
import type { Command } from 'commander';
import { print, table } from '../output.ts';
import { runtimes } from '../runtimes.ts';
import { command } from './command.ts';

export function runtimesCommand(): Command {
  return command('runtimes', 'what runs networks here, what does not, and why').action(
    async (flags: { json: boolean }) => {
      const found = await listRuntimes(runtimes);
      const auto = runtimes.choices.auto.find((name) =>
        found.some((runtime) => runtime.name === name && runtime.available),
      );
      print(flags, { runtimes: found, auto: auto ?? null }, () =>
        [
          table(
            found.map(({ name, available, reason, details }) => [
              name,
              available ? 'available' : 'unavailable',
              [reason, details].filter(Boolean).join('; '),
            ]),
          ),
          '',
          `auto takes ${auto ?? 'none: no runtime is available'}`,
        ].join('\n'),
      );
    },
  );
}
