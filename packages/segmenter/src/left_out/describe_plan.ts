/** Stands for a plan in words, which no segmenter tells. */
export const describePlan = (): string => '';
