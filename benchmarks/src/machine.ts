import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Those that decide how wide vectors are. */
  readonly flags: readonly string[];
}

/** What this machine is. */
export function machine(): Machine {
  const flags = /flags\s*:(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1].split(' ') ?? [];
  return {
    cpu: cpus()[0].model,
    cores: cpus().length,
    flags: flags.filter((flag) => /^(avx|fma|sse4)/.test(flag)),
  };
}

/** Versions of the peers. */
export function versions(root: string): Record<string, string> {
  const peers = ['onnxruntime-web', 'onnxruntime-node', '@tensorflow/tfjs-backend-wasm'];
  return Object.fromEntries(
    peers.map((name) => [
      name,
      JSON.parse(readFileSync(`${root}/node_modules/${name}/package.json`, 'utf8')).version,
    ]),
  );
}

/** The largest peak of the renderers that this process started, in bytes. */
export function rendererPeak(): number {
  let peak = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')) continue;
      const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      peak = Math.max(peak, Number(kilobytes) * 1024);
    } catch {} // it ended meanwhile
  }
  return peak;
}
