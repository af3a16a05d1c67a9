/** How a browser or Node is started, and who is measured then. */
export interface FlagSet {
  readonly name: string;
  readonly flags: readonly string[];
  /** @default all */
  readonly only?: readonly string[];
}

/** Whose kernels V8 may join two by two. */
const relaxed = ['atrous relaxed', 'atrous int8', 'LiteRT.js', 'LiteRT.js int8'];

/**
 * As shipped, and with V8's revectorisation: two operations on 128 bits become one on 256. The flag has had two names; V8
 * passes over the one that it does not know.
 */
export const flagSets: Readonly<Record<'chromium' | 'node', readonly FlagSet[]>> = {
  chromium: [
    { name: 'as shipped', flags: [] },
    {
      name: 'revectorized',
      flags: ['--js-flags=--wasm-revectorize --experimental-wasm-revectorize'],
      only: relaxed,
    },
  ],
  node: [
    { name: 'as shipped', flags: [] },
    { name: 'revectorized', flags: ['--experimental-wasm-revectorize'], only: relaxed },
  ],
};
