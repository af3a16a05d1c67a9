import { AtrousError } from '@atrous/tensor';

/** No trained weight comes near it, and a bit that flipped in an exponent goes far beyond: products of two stay finite in float32. */
const largestWeight = 1e12;

/**
 * Checks every number of a weight: finite, of a magnitude that training can reach, and a variance not below 0.
 * @throws AtrousError `weights` that names the weight, the place and the number
 */
export function checkValues(name: string, values: Float32Array): void {
  const smallest = name.endsWith('/variance') ? 0 : -largestWeight;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value >= smallest && value <= largestWeight) continue; // false for NaN
    throw new AtrousError(
      'weights',
      `weight "${name}": element ${i} is ${value}, expected a number from ${smallest} to ${largestWeight}; the file is damaged or training diverged`,
    );
  }
}
