/** Arrays in memory of their own, in the words of TypeScript before 5.7, too. */
export type Bytes = ReturnType<typeof Uint8Array.of>;
export type Floats = ReturnType<typeof Float32Array.of>;
