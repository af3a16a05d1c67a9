import { AtrousError, type Tensor } from '@atrous/tensor';

/** NaN loses every comparison: without this it would be a silent answer, as a mask of class 0. @throws AtrousError `runtime` */
export function expectFinite(what: string, { data }: Tensor): void {
  if ((data as Float32Array).every(Number.isFinite)) return;
  throw new AtrousError(
    'runtime',
    `the network's ${what} hold NaN or infinity: the weights or the runtime are broken`,
  );
}
