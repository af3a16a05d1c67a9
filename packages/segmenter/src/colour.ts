/**
 * Linear Display-P3 to linear sRGB, row by row. Both have the white D65 and the transfer function of sRGB
 * (CSS Color 4, sample code).
 */
const p3ToSrgb = [
  [1.2249401762805598, -0.22494017628055996, 0],
  [-0.042056954709688163, 1.0420569547096881, 0],
  [-0.019637554590334432, -0.07863604555063188, 1.0982736001409663],
] as const;

/** The light of an encoded value; what is below 0 is mirrored (CSS Color 4). */
function decode(value: number): number {
  const size = Math.abs(value);
  const light = size <= 0.04045 ? size / 12.92 : ((size + 0.055) / 1.055) ** 2.4;
  return value < 0 ? -light : light;
}

const encode = (light: number): number =>
  light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;

/** Steps of the encoder's table: one is 0.05 of an 8-bit step where the curve is steepest. */
const steps = 65535;
let encoded: Uint8Array | undefined;

/** 8-bit values by light, made when they are first wanted. */
function encoder(): Uint8Array {
  encoded ??= Uint8Array.from({ length: steps + 1 }, (_, i) => Math.round(255 * encode(i / steps)));
  return encoded;
}

/**
 * Pixels as 8-bit sRGB; what sRGB cannot show is cut off, NaN is 0.
 * @param data 8-bit numbers, or floats from 0 to 1 where `isFloat`
 */
export function toSrgb(
  data: ArrayLike<number>,
  channels: 1 | 3 | 4,
  colorSpace: string,
  isFloat: boolean,
): Uint8ClampedArray {
  const scale = isFloat ? 255 : 1;
  const out = new Uint8ClampedArray(data.length); // clamps, and rounds to nearest
  // greys are equal in both spaces, and alpha is no colour
  if (colorSpace === 'srgb' || channels === 1) {
    for (let i = 0; i < data.length; i++) out[i] = data[i] * scale;
    return out;
  }
  const table = encoder();
  const lights = isFloat ? undefined : Float64Array.from({ length: 256 }, (_, i) => decode(i / 255));
  const lightOf = (value: number) => (lights ? lights[value] : decode(value));
  for (let i = 0; i < data.length; i += channels) {
    const [red, green, blue] = [lightOf(data[i]), lightOf(data[i + 1]), lightOf(data[i + 2])];
    for (let c = 0; c < 3; c++) {
      const [r, g, b] = p3ToSrgb[c];
      const light = r * red + g * green + b * blue;
      out[i + c] = light > 0 ? table[Math.round(Math.min(1, light) * steps)] : 0;
    }
    if (channels === 4) out[i + 3] = data[i + 3] * scale;
  }
  return out;
}
