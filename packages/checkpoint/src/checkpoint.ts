import type { WeightSource } from '@atrous/graph';

/**
 * Weights in a file of any format: names and specs come from its headers, `read` reads one tensor and nothing keeps it.
 * float16 and integers stay what they are; bfloat16, float64 and narrower floats become float32, integers of 64 bits int32.
 * What a file holds and cannot be read (complex, sparse) has a name, and `read` throws AtrousError `unsupported` that says so.
 */
export interface Checkpoint extends WeightSource {
  /** What the file says besides, as text: the header's free text, scalars such as an epoch. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What the tensors take in the file, in bytes, data that several share once; absent where the format does not say. */
  readonly storedBytes?: number;
}
