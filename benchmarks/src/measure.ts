import { goldenImage, relativeError } from '@atrous/golden';
import type { Tensor } from '@atrous/tensor';
import type { Contenders, Loaded, Request } from './contender.ts';
import { networks } from './networks.ts';

export interface Measured {
  readonly contender: string;
  /** Why it could not be measured. */
  readonly left?: string;
  /** One of each round. */
  readonly milliseconds: number[];
  /** Relative to the first contender. */
  error: number;
  /** Of loops in registers, per thread, before and after. */
  readonly peaks: (readonly number[])[];
}

const warmUps = 2;
/** Pools of others spin for a while. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 250));

/** All contenders in turn, round after round. */
export async function compare(
  contenders: Contenders,
  names: readonly string[],
  request: Request,
  rounds: number,
): Promise<Measured[]> {
  const image = goldenImage(networks[request.network].shape);
  const loaded: [Loaded, Measured][] = [];
  const left: Measured[] = [];
  for (const contender of names) {
    const row: Measured = { contender, milliseconds: [], error: 0, peaks: [] };
    try {
      loaded.push([await (await contenders[contender]())(request), row]);
    } catch (reason) {
      left.push({ ...row, left: String(reason) });
    }
  }
  const measurePeaks = async () => {
    for (const [{ peak }, row] of loaded) if (peak) row.peaks.push(await peak());
  };
  await measurePeaks();
  let expected: Tensor | undefined;
  for (let round = 0; round < rounds + warmUps; round++) {
    for (const [network, row] of loaded) {
      await pause();
      const began = performance.now();
      const logits = await network.run(image);
      if (round >= warmUps) row.milliseconds.push(performance.now() - began);
      expected ??= logits;
      row.error = Math.max(row.error, relativeError(logits, expected));
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
  const image = goldenImage(networks[request.network].shape);
  const began = performance.now();
  const network = await (await contenders[name]())(request);
  const loaded = performance.now();
  await network.run(image);
  return { load: loaded - began, run: performance.now() - loaded };
}
