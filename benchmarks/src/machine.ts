import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { builds, moduleBytes } from '../../packages/runtime-wasm/src/modules.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Those that decide how wide vectors are; empty where the system does not tell. */
  readonly features: readonly string[];
}

/** Of a file of the system's; undefined where there is none, or not any more. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** What this machine is. */
export function machine(): Machine {
  const [, features = ''] = /^(?:flags|Features)\s*:(.*)/m.exec(read('/proc/cpuinfo') ?? '') ?? [];
  return {
    cpu: cpus()[0].model,
    cores: cpus().length,
    features: features
      .trim()
      .split(' ')
      .filter((name) => /^(avx|fma|sse4|asimd|sve|i8mm)/.test(name)),
  };
}

const peers = [
  '@litertjs/core',
  'onnxruntime-web',
  'onnxruntime-node',
  '@tensorflow/tfjs-backend-wasm',
] as const;

/** Versions of the peers. */
export function versions(root: string): Record<string, string> {
  return Object.fromEntries(
    peers.map((name) => [
      name,
      JSON.parse(readFileSync(`${root}/node_modules/${name}/package.json`, 'utf8')).version,
    ]),
  );
}

/** Bytes of each build of our kernels. */
export async function moduleSizes(): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const build of builds) {
    for (const sharing of ['shared', 'unshared'] as const)
      sizes[`${build} ${sharing}`] = (await moduleBytes(build, sharing)).length;
  }
  return sizes;
}

/** The renderers below this process, as `/proc` has them: none where there is no such thing. */
function renderers(): string[] {
  const parents = new Map<string, string>();
  const found: string[] = [];
  let processes: string[] = [];
  try {
    processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {}
  for (const pid of processes) {
    const [, parent] = /^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
    if (parent) parents.set(pid, parent);
    if (read(`/proc/${pid}/cmdline`)?.includes('--type=renderer')) found.push(pid);
  }
  const isOurs = (pid: string | undefined): boolean =>
    pid !== undefined && (pid === String(process.pid) || isOurs(parents.get(pid)));
  return found.filter(isOurs);
}

/** The largest peak of the renderers that this process started, in bytes. */
export function rendererPeak(): number {
  const peaks = renderers().map((pid) => {
    const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
    return Number(kilobytes ?? 0) * 1024;
  });
  return Math.max(0, ...peaks);
}

/** Milliseconds that all threads of the renderers have run, to the nanosecond; undefined where the system does not tell. */
export function rendererClock(): () => number | undefined {
  const processes = renderers();
  return () => {
    let nanoseconds = 0;
    for (const pid of processes) {
      try {
        for (const thread of readdirSync(`/proc/${pid}/task`))
          nanoseconds += Number(read(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0);
      } catch {} // it ended meanwhile
    }
    return nanoseconds > 0 ? nanoseconds / 1e6 : undefined;
  };
}
