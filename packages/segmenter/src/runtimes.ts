import type { Runtime } from '@atrous/graph';
import { AtrousError, checkThreads, messageOf, unknownName } from '@atrous/tensor';

export interface RuntimeOptions {
  /** A whole number from 1 to 1024. @default as the runtime chooses */
  readonly threads?: number;
  /** Where the runtime's `.wasm` lies: onnxruntime-web's or TensorFlow.js'. @default beside its script, on the page's own origin */
  readonly wasm?: string | URL;
}

/** The runtimes of a platform. Each is brought only when it is asked for. */
export interface RuntimeTable {
  readonly runtimes: Readonly<Record<string, (options: RuntimeOptions) => Promise<Runtime>>>;
  /** Names that stand for the first of several that is there; `auto` is one. */
  readonly choices: Readonly<Record<string, readonly string[]>>;
}

export interface Chosen<T> {
  readonly name: string;
  /** Why this one. */
  readonly reason: string;
  readonly value: T;
}

/** All names that can be asked for. */
export function runtimeNames({ runtimes, choices }: RuntimeTable): string[] {
  return [...Object.keys(choices), ...Object.keys(runtimes)];
}

/** Whether a runtime is here, and why not. */
export interface RuntimeStatus {
  readonly name: string;
  readonly available: boolean;
  readonly reason?: string;
}

/** What is available and what is not, and why. @throws AtrousError `input` for a number of threads that cannot be */
export async function listRuntimes(
  { runtimes }: RuntimeTable,
  options: RuntimeOptions = {},
): Promise<RuntimeStatus[]> {
  checkThreads(options.threads);
  return Promise.all(
    Object.entries(runtimes).map(async ([name, bring]) => {
      const available = await bring(options).then(
        (runtime) => runtime.available(),
        (error) => ({ reason: messageOf(error) }),
      );
      return available === true ? { name, available } : { name, available: false, reason: available.reason };
    }),
  );
}

/**
 * Takes the first runtime of that name that is there and with which `use` succeeds; falls through to the next only
 * where one is unavailable or cannot do it.
 * @throws AtrousError `input` for an unknown name or threads that cannot be, `unavailable` when none is left
 */
export async function withRuntime<T>(
  table: RuntimeTable,
  name: string,
  options: RuntimeOptions,
  use: (runtime: Runtime) => Promise<T>,
): Promise<Chosen<T>> {
  checkThreads(options.threads);
  const candidates = Object.hasOwn(table.choices, name) ? table.choices[name] : [name];
  const skipped: string[] = [];
  for (const candidate of candidates) {
    if (!Object.hasOwn(table.runtimes, candidate))
      throw unknownName('runtime', candidate, runtimeNames(table));
    try {
      const runtime = await table.runtimes[candidate](options).catch((cause) => {
        throw new AtrousError('unavailable', `its code cannot be loaded: ${messageOf(cause)}`, { cause });
      });
      const available = await runtime.available();
      if (available !== true) throw new AtrousError('unavailable', available.reason);
      const value = await use(runtime);
      const reason = name === candidate ? 'asked for' : ['the first available choice', ...skipped].join('; ');
      return { name: candidate, reason, value };
    } catch (error) {
      const isMissing =
        error instanceof AtrousError && (error.code === 'unavailable' || error.code === 'unsupported');
      if (!isMissing) throw error;
      skipped.push(`${candidate}: ${error.message}`);
    }
  }
  throw new AtrousError('unavailable', `no runtime for "${name}": ${skipped.join('; ')}`);
}
