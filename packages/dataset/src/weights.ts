import type { LabelMap } from '@atrous/mask';

/**
 * Weights of classes in a loss: the root of how rare each is, 1 for one of mean frequency, at most 10; 1 for a class
 * without pixels.
 */
export function balancedWeights(maps: readonly LabelMap[], classes: number, ignoreId: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const { data } of maps) for (const id of data) if (id !== ignoreId) counts[id]++;
  const mean = counts.reduce((sum, count) => sum + count, 0) / classes;
  return counts.map((count) => (count > 0 ? Math.min(10, Math.sqrt(mean / count)) : 1));
}
