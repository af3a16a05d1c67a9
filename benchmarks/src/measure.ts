import { goldenImage, relativeError } from '@atrous/golden';
import type { Tensor } from '@atrous/tensor';
import type { Contenders, Loaded, Request } from './contender.ts';

export interface Measured {
  readonly contender: string;
  /** Why it could not be measured. */
  readonly left?: string;
  /** Of the wall clock, one of each round. */
  readonly milliseconds: number[];
  /** Of all threads together; empty where the system does not tell. */
  readonly cpu: number[];
  /** Relative to the first contender. */
  error: number;
  /** Of loops in registers, per thread, before and after. */
  readonly peaks: (readonly number[])[];
}

/** How long it may take. */
export interface Effort {
  /** Rounds go on for so many seconds. */
  readonly seconds: number;
  readonly least: number;
  readonly most: number;
}

/** Milliseconds that the processors have worked for this page or process, undefined where the system does not tell. */
export type CpuClock = () => Promise<number | undefined>;

/** Each runs until it is compiled well: so often, or so long. */
const warmUp = { runs: 3, milliseconds: 1200 };
/** Pools of others spin for a while. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 250));

/** All contenders in turn, round after round. */
export async function compare(
  contenders: Contenders,
  names: readonly string[],
  request: Request,
  effort: Effort,
  cpuClock: CpuClock,
): Promise<Measured[]> {
  const image = goldenImage(request.network.shape);
  const loaded: [Loaded, Measured][] = [];
  const left: Measured[] = [];
  const leave = (row: Measured, reason: unknown) =>
    left.push({ ...row, milliseconds: [], cpu: [], left: String(reason) });
  let expected: Tensor | undefined;
  for (const contender of names) {
    const row: Measured = { contender, milliseconds: [], cpu: [], error: 0, peaks: [] };
    try {
      const network = await (await contenders[contender]())(request);
      const began = performance.now();
      for (let i = 0; i < warmUp.runs && performance.now() - began < warmUp.milliseconds; i++) {
        const logits = await network.run(image);
        expected ??= logits;
        row.error = relativeError(logits, expected);
      }
      loaded.push([network, row]);
    } catch (reason) {
      leave(row, reason);
    }
  }
  const measurePeaks = async () => {
    for (const [{ peak }, row] of loaded) if (peak) row.peaks.push(await peak());
  };
  await measurePeaks();
  const end = performance.now() + effort.seconds * 1000;
  for (let round = 0; round < effort.most && (round < effort.least || performance.now() < end); round++) {
    for (const [network, row] of loaded) {
      await pause();
      const cpuBegan = await cpuClock();
      const began = performance.now();
      await network.run(image);
      row.milliseconds.push(performance.now() - began);
      const cpuEnd = await cpuClock();
      if (cpuBegan !== undefined && cpuEnd !== undefined) row.cpu.push(cpuEnd - cpuBegan);
    }
  }
  await measurePeaks();
  for (const [network] of loaded) await network.dispose();
  return [...loaded.map(([, row]) => row), ...left];
}

export interface First {
  /** From nothing to a session. */
  readonly load: number;
  readonly run: number;
}

/** Load and first run of one contender, where nothing else has been done. */
export async function first(contenders: Contenders, name: string, request: Request): Promise<First> {
  const image = goldenImage(request.network.shape);
  const began = performance.now();
  const network = await (await contenders[name]())(request);
  const loaded = performance.now();
  await network.run(image);
  return { load: loaded - began, run: performance.now() - loaded };
}
