import { Option } from 'commander';
import { optionalPackage } from './optional_package.ts';

export const bringFleet = (): Promise<typeof import('@atrous/fleet')> =>
  optionalPackage('@atrous/fleet', () => import('@atrous/fleet'));

/** Which queue. */
export interface QueueFlags {
  readonly queue: string;
  readonly name: string;
}

export const queueOptions = (): Option[] => [
  new Option('--queue <url>', 'Redis or Valkey: redis://user:password@host:port/number, rediss:// over TLS')
    .env('ATROUS_QUEUE')
    .default('redis://127.0.0.1:6379'),
  new Option('--name <name>', 'the queue there; those of other names do not see each other').default(
    'atrous',
  ),
];

export const queueAddress = ({ queue, name }: QueueFlags): { queue: string; name: string } => ({
  queue,
  name,
});
