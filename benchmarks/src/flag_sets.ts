/** How a browser or Node is started, and who is measured then. */
export interface FlagSet {
  readonly name: string;
  readonly flags: readonly string[];
  /** @default all */
  readonly only?: readonly string[];
}

/** Whose kernels V8 may join two by two. */
const relaxed = ['atrous relaxed', 'atrous int8', 'LiteRT.js', 'LiteRT.js int8'];

/** The flag has lost a word on its way; V8 passes over all flags behind one that it does not know. */
const pairing = (major: number): string =>
  major < 156 ? '--experimental-wasm-revectorize' : '--wasm-revectorize';

/** As shipped, and with V8's revectorisation: two operations on 128 bits become one on 256. */
export const flagSets: {
  readonly chromium: (major: number) => readonly FlagSet[];
  readonly node: readonly FlagSet[];
} = {
  chromium: (major) => [
    { name: 'as shipped', flags: [] },
    { name: 'revectorized', flags: [`--js-flags=${pairing(major)}`], only: relaxed },
  ],
  node: [
    { name: 'as shipped', flags: [] },
    // without the quick compiler: Node 24's crashes in pairing what it has counted calls of
    { name: 'revectorized', flags: ['--experimental-wasm-revectorize', '--no-liftoff'], only: relaxed },
  ],
};
