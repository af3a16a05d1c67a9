import type { Runtime, RuntimeOptions, RuntimeSet } from '@atrous/graph';
import { AtrousError, checkThreads, type ErrorCode, messageOf, unknownName } from '@atrous/tensor';

/** Names that stand for the first of several known ones that starts, the best first; `auto` is one. */
type Choices = Readonly<Record<string, readonly string[]>>;

/** What a platform has of its own, and what it knows of others. */
export interface RuntimePlatform {
  readonly own: RuntimeSet;
  /** All names that are known here, in the order of lists, and what npm installs for them. */
  readonly known: Readonly<Record<string, string>>;
  readonly choices: Choices;
}

/** The runtimes that there are: a platform's own, and those that were given. */
export interface RuntimeTable {
  readonly runtimes: RuntimeSet;
  readonly choices: Choices;
  /** Names that are known and were not given, and what npm installs for them. */
  readonly missing: Readonly<Record<string, string>>;
}

export interface Chosen<T> {
  readonly name: string;
  /** Why this one. */
  readonly reason: string;
  readonly value: T;
}

/** A platform's runtimes and those that were given; of one name the last counts. */
export function tableOf(
  { own, known, choices }: RuntimePlatform,
  given: readonly RuntimeSet[] = [],
): RuntimeTable {
  const here: RuntimeSet = Object.assign({}, own, ...given);
  const names = new Set([...Object.keys(known), ...Object.keys(here)]);
  const isHere = (name: string) => Object.hasOwn(here, name);
  return {
    runtimes: Object.fromEntries([...names].filter(isHere).map((name) => [name, here[name]])),
    choices,
    missing: Object.fromEntries(Object.entries(known).filter(([name]) => !isHere(name))),
  };
}

/** All names that can be asked for. */
export function runtimeNames({ runtimes, choices }: RuntimeTable): string[] {
  const isHere = (name: string) => Object.hasOwn(runtimes, name);
  const usable = Object.keys(choices).filter((choice) => choices[choice].some(isHere));
  return [...usable, ...Object.keys(runtimes)];
}

/** Whether a runtime is here, and why not. */
export interface RuntimeStatus {
  readonly name: string;
  readonly available: boolean;
  readonly reason?: string;
  /** What it runs on, such as the GPU, where it says so. */
  readonly details?: string;
}

/** What is available and what is not, and why. @throws AtrousError `input` for a number of threads that cannot be */
export async function listRuntimes(
  { runtimes }: RuntimeTable,
  options: RuntimeOptions = {},
): Promise<RuntimeStatus[]> {
  checkThreads(options.threads);
  return Promise.all(
    Object.entries(runtimes).map(async ([name, bring]) => {
      const [available, details] = await bring(options).then(
        async (runtime) => [await runtime.available(), await runtime.describe?.()] as const,
        (error) => [{ reason: messageOf(error) }] as const,
      );
      const status = available === true ? { available } : { available: false, reason: available.reason };
      return { name, ...status, ...(details !== undefined && { details }) };
    }),
  );
}

/** The package that brings a runtime, and its function, which is what stands before the colon. */
const originOf = (name: string, install: string) => {
  const [from] = install.split(' ', 1);
  const [brings] = name.split(':', 1);
  return { from, brings };
};

function notGiven(asked: string, name: string, install: string): AtrousError {
  const { from, brings } = originOf(name, install);
  return new AtrousError(
    'unavailable',
    `runtime "${asked}" was not given: run "npm install ${install}", then "import { ${brings} } from '${from}';", and ` +
      `pass { runtimes: [${brings}()] } beside its name (in a worker of your own to serveSegmenter)`,
  );
}

/** Errors of the model or of the call: they are the same on every runtime. */
const endsAll: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'input',
  'weights',
  'format',
  'config',
  'integrity',
  'not-found',
  'disposed',
]);
const isMissing = (error: unknown) =>
  error instanceof AtrousError && (error.code === 'unavailable' || error.code === 'unsupported');

/**
 * Starts the runtime of that name, or, where the name stands for several, the first that starts: after a start that fails,
 * however it fails, the next one is tried. `use` is the start, so what takes long comes after it.
 * @throws AtrousError `input` for an unknown name or threads that cannot be, `unavailable` for what was not given and when
 * none is left; what is wrong with the model; the signal's reason
 */
export async function withRuntime<T>(
  table: RuntimeTable,
  name: string,
  options: RuntimeOptions & { readonly signal?: AbortSignal },
  use: (runtime: Runtime) => Promise<T>,
): Promise<Chosen<T>> {
  checkThreads(options.threads);
  const { runtimes, choices, missing } = table;
  const isChoice = Object.hasOwn(choices, name);
  const candidates = isChoice ? choices[name] : [name];
  const isHere = (candidate: string) => Object.hasOwn(runtimes, candidate);
  if (!candidates.some(isHere)) {
    const known = candidates.find((candidate) => Object.hasOwn(missing, candidate));
    throw known === undefined
      ? unknownName('runtime', name, runtimeNames(table))
      : notGiven(name, known, missing[known]);
  }
  const skipped: string[] = [];
  let cause: unknown;
  for (const candidate of candidates) {
    if (!isHere(candidate)) {
      const { from, brings } = originOf(candidate, missing[candidate]);
      skipped.push(`${candidate}: not given (runtimes: [${brings}()] of ${from})`);
      continue;
    }
    try {
      const runtime = await runtimes[candidate](options).catch((cause) => {
        throw new AtrousError('unavailable', `its code cannot be loaded: ${messageOf(cause)}`, { cause });
      });
      const available = await runtime.available();
      if (available !== true) throw new AtrousError('unavailable', available.reason);
      const value = await use(runtime);
      const reason = isChoice ? ['the first available choice', ...skipped].join('; ') : 'asked for';
      return { name: candidate, reason, value };
    } catch (error) {
      const isAborted = options.signal?.aborted || (error instanceof Error && error.name === 'AbortError');
      const isOfAll = error instanceof AtrousError && endsAll.has(error.code);
      if (isAborted || isOfAll || !(isChoice || isMissing(error))) throw error;
      cause = error;
      skipped.push(`${candidate}: ${messageOf(error)}`);
    }
  }
  throw new AtrousError('unavailable', `no runtime for "${name}": ${skipped.join('; ')}`, { cause });
}
