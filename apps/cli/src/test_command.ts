import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What tests were given as the command, or its source. */
const main = process.env.ATROUS_COMMAND ?? fileURLToPath(new URL('./main.ts', import.meta.url));

export interface Outcome {
  /** Absent where a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a process of its own. */
export function start(folder: string, args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess {
  const command = ['--conditions=@atrous/source', main, ...args];
  return spawn(process.execPath, command, { cwd: folder, env: { ...process.env, ...env } });
}

/** Runs the command in a folder, as a user would. */
export function runCommand(folder: string, ...args: string[]): Promise<Outcome> {
  return outcomeOf(start(folder, args));
}

export function outcomeOf(child: ChildProcess): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const text = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (piece) => {
      text.stdout += piece;
    });
    child.stderr?.setEncoding('utf8').on('data', (piece) => {
      text.stderr += piece;
    });
    child.on('error', reject).on('close', (code) => resolve({ code, ...text }));
  });
}
