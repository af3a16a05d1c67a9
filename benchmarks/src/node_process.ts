import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Place } from './place.ts';

const script = fileURLToPath(new URL('./node.ts', import.meta.url));
const start = promisify(execFile);

async function run(...args: string[]): Promise<never> {
  const { stdout } = await start(process.execPath, ['--conditions=@atrous/source', script, ...args], {
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout) as never;
}

/** This version of Node. */
export async function openNode(folder: string): Promise<Place> {
  return {
    name: `Node ${process.versions.node}`,
    files: `${folder}/`,
    contenders: () => run('list'),
    compare: (request, rounds) => run('compare', JSON.stringify(request), String(rounds)),
    async first(name, request) {
      const { peak: empty } = (await run('empty')) as { peak: number };
      const { peak, ...times } = (await run('first', JSON.stringify(request), name)) as {
        load: number;
        run: number;
        peak: number;
      };
      return { ...times, bytes: peak - empty };
    },
    async close() {},
  };
}
