import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { tab } from './browser.ts';

/** A screen in memory, for what wants to draw on one. */
export interface Screen {
  /** What `DISPLAY` is to say. */
  readonly display: string;
  close(): void;
}

/** Starts Xvfb, which takes a number that is free. */
export async function openScreen(): Promise<Screen> {
  const size = `${tab.width}x${tab.height + 200}x24`;
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', size, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const display = await new Promise<string>((resolve, reject) => {
    (screen.stdio[3] as Readable).once('data', (number) => resolve(`:${String(number).trim()}`));
    screen.once('error', reject);
    screen.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
  });
  return { display, close: () => screen.kill() };
}
