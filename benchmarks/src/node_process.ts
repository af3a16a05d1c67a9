import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Place } from './place.ts';

const script = fileURLToPath(new URL('./node.ts', import.meta.url));
const start = promisify(execFile);

/** This version of Node, with further flags. */
export function openNode(folder: string, flags: readonly string[]): Place {
  async function run<T>(...args: string[]): Promise<T> {
    const { stdout } = await start(
      process.execPath,
      [...flags, '--conditions=@atrous/source', script, ...args],
      { maxBuffer: 1 << 26 },
    );
    return JSON.parse(stdout);
  }
  return {
    name: `Node ${process.versions.node}`,
    flags,
    files: `${folder}/`,
    contenders: () => run('list'),
    compare: (names, request, effort) =>
      run('compare', JSON.stringify(request), names.join(), JSON.stringify(effort)),
    async first(name, request) {
      const { peak: empty } = await run<{ peak: number }>('empty');
      const { peak, ...times } = await run<{ load: number; run: number; peak: number }>(
        'first',
        JSON.stringify(request),
        name,
      );
      return { ...times, bytes: peak - empty };
    },
  };
}
