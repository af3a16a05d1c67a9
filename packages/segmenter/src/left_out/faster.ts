/** Stands for timing a GPU against the CPU: this worker has the CPU's engine alone. */
export const fasterBefore = (): undefined => undefined;
export const fasterOf = <T>(chosen: T): T => chosen;
