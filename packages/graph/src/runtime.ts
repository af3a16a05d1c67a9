import type { Session } from '@atrous/tensor';
import type { Graph } from './graph.ts';
import type { Compute } from './int8.ts';
import type { Model } from './model.ts';

/** The folder of the origin's private file system in which runtimes keep what `keepPacked` allows. */
export const packedFolder = 'atrous-packed';

export interface LoadOptions {
  /** Any named value of the network. @default the network's own outputs */
  readonly outputs?: readonly string[];
  readonly signal?: AbortSignal;
  /** In what products are computed: one of the runtime's `computes`. @default as the runtime was made, usually 'float32' */
  readonly compute?: Compute;
  /** Told after each kernel that was compiled, by runtimes that compile some. */
  readonly onCompile?: (done: number, total: number) => void;
  /**
   * Whether a runtime may keep on the visitor's disk what it makes of weights that have an `id`, and begin with that the next time, without
   * reading weights. @default false
   */
  readonly keepPacked?: boolean;
}

/** What whoever loads a network says about how it is to run. A runtime takes what it knows of it. */
export interface RuntimeOptions {
  /** A whole number from 1 to 1024. @default as the runtime chooses */
  readonly threads?: number;
  /** Where the runtime's `.wasm` lies: onnxruntime-web's or TensorFlow.js'. @default beside its script, on the page's own origin */
  readonly wasm?: string | URL;
}

/** Runtimes by name, such as `onnx:wasm`. The code of each is brought when it is asked for. */
export type RuntimeSet = Readonly<Record<string, (options: RuntimeOptions) => Promise<Runtime>>>;

/** Something that runs networks. */
export interface Runtime {
  readonly name: string;
  /** In what it can compute products. @default float32 alone */
  readonly computes?: readonly Compute[];
  /** Those of them that are faster where they can be measured: what a model's advice may choose. @default all */
  readonly autoComputes?: readonly Compute[];
  /** What `auto` and an app ask before loading. */
  available(): Promise<true | { readonly reason: string }>;
  /** What it would run on, in words, such as the GPU: for lists of runtimes. */
  describe?(): Promise<string | undefined>;
  load(model: Model, options?: LoadOptions): Promise<Session>;
}

/** What a session may have that runs parts of its network, too. */
export interface PartRunner {
  /**
   * A session for a part of the network, on the weights and in the memory of this one: it ends with it.
   * @param graph of `partOf` or `selectOutputs`
   * @returns undefined where the part needs weights that the whole has not, as they are folded
   */
  part(graph: Graph): Session | undefined;
}
