/** A float of a few bits: what its largest exponent means differs. */
export interface Minifloat {
  readonly exponent: number;
  readonly mantissa: number;
  readonly bias: number;
  /** `ieee`: infinities and NaN; `fn`: NaN where all bits are set; `fnuz`: NaN where only the sign is set; `finite`: none. */
  readonly special: 'ieee' | 'fn' | 'fnuz' | 'finite';
}

/** The numbers that all bit patterns of a small float stand for. */
export function minifloatTable(format: Minifloat): Float32Array {
  const { exponent: exponentBits, mantissa: mantissaBits } = format;
  const magnitudeBits = exponentBits + mantissaBits;
  const topExponent = 2 ** exponentBits - 1;
  return Float32Array.from({ length: 2 ** (magnitudeBits + 1) }, (_, bits) => {
    const negative = bits >> magnitudeBits === 1;
    const magnitude = bits & (2 ** magnitudeBits - 1);
    const exponent = magnitude >> mantissaBits;
    const mantissa = magnitude & (2 ** mantissaBits - 1);
    if (format.special === 'fnuz' && negative && magnitude === 0) return Number.NaN;
    if (format.special === 'fn' && magnitude === 2 ** magnitudeBits - 1) return Number.NaN;
    const sign = negative ? -1 : 1;
    if (format.special === 'ieee' && exponent === topExponent) {
      return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    }
    const fraction = mantissa / 2 ** mantissaBits;
    return exponent === 0
      ? sign * fraction * 2 ** (1 - format.bias)
      : sign * (1 + fraction) * 2 ** (exponent - format.bias);
  });
}

/** Elements of `bits` bits each, packed from the lowest bit up. */
export function unpackBits(bytes: Uint8Array, bits: number, count: number): Uint8Array {
  if (bits === 8) return bytes;
  const mask = 2 ** bits - 1;
  return Uint8Array.from({ length: count }, (_, i) => {
    const at = i * bits;
    const word = bytes[at >> 3] | ((bytes[(at >> 3) + 1] ?? 0) << 8);
    return (word >> (at & 7)) & mask;
  });
}
