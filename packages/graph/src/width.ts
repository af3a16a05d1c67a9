/** How wide a network is, relative to the paper. */
export interface Width {
  /** @default 1 */
  readonly multiplier: number;
  /** Channels are multiples of this. @default 8 */
  readonly divisor: number;
}

/** `round(channels · multiplier / divisor) · divisor`, halves up, at least the divisor; unchanged at multiplier 1. */
export function scaleChannels(channels: number, { multiplier, divisor }: Width): number {
  if (multiplier === 1) return channels;
  return Math.max(divisor, Math.floor((channels * multiplier) / divisor + 0.5) * divisor);
}
