import { AtrousError } from '@atrous/tensor';

/** A vector of length 1 in the same direction; one of zeros stays. */
export function normalized(vector: ArrayLike<number>): Float32Array {
  const floats = Float32Array.from(vector);
  const length = Math.sqrt(floats.reduce((sum, value) => sum + value * value, 0));
  return length > 0 ? floats.map((value) => value / length) : floats;
}

/** The cosine of the angle between two vectors, -1 to 1; 0 for a vector of zeros. @throws AtrousError `input` for different lengths */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) {
    throw new AtrousError('input', `vectors: expected equal lengths, got ${a.length} and ${b.length}`);
  }
  let [product, squaresOfA, squaresOfB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i] * b[i];
    squaresOfA += a[i] * a[i];
    squaresOfB += b[i] * b[i];
  }
  const lengths = Math.sqrt(squaresOfA * squaresOfB);
  return lengths > 0 ? product / lengths : 0;
}

/** A vector among others. */
export interface Neighbour {
  /** Its place in the list. */
  readonly index: number;
  /** The cosine of the angle to the vector asked about. */
  readonly similarity: number;
}

/** The vectors that are most like one, best first; of equals the earlier. */
export function nearest(
  vector: ArrayLike<number>,
  among: readonly ArrayLike<number>[],
  count: number = among.length,
): Neighbour[] {
  return among
    .map((other, index) => ({ index, similarity: cosine(vector, other) }))
    .toSorted((a, b) => b.similarity - a.similarity || a.index - b.index)
    .slice(0, count);
}
