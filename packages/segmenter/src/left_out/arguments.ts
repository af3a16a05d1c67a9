import type { Rules } from '../arguments.ts';

// Stands for the checks of what a caller gave: the page makes them before it asks a worker.

export const pictureRules: Rules = {};
export const segmentRules: Rules = {};
export const renderRules: Rules = {};
export const loadRules: Rules = {};
export const checkOptions = (): void => {};
export const checkLoad = (): void => {};
export const checkNames = (): void => {};
