/** Of a model's config, what says which weights browsers take. */
interface Weights {
  readonly files: readonly { readonly file: string; readonly dtype: string; readonly bytes: number }[];
  readonly order: { readonly browser: readonly string[] };
}

/** The weights file that a browser downloads first: what the build copies, and what the page says the size of. */
export function browserWeights<T extends Weights>({ files, order }: T): T['files'][number] {
  const [precision] = order.browser;
  const first = files.find(({ dtype }) => dtype === precision);
  if (!first)
    throw new Error(`no weights in ${precision}, only in ${files.map(({ dtype }) => dtype).join()}`);
  return first;
}
