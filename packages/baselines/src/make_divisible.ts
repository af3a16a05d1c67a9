/**
 * How MobileNets round their widths (TF-slim's `make_divisible`): to the nearest multiple, halves up, and one further
 * where that would take away more than a tenth.
 */
export function makeDivisible(channels: number, divisor: number): number {
  const rounded = Math.max(divisor, Math.floor(channels / divisor + 0.5) * divisor);
  return rounded < 0.9 * channels ? rounded + divisor : rounded;
}
