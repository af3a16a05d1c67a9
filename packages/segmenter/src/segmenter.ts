import type { Compute, Graph, PartRunner, Runtime, RuntimeOptions, RuntimeSet } from '@atrous/graph';
import { type CutOut, classShares, type LabelMap, type LabelMapper, type NamedClass } from '@atrous/mask';
import { AtrousError, type Session, type Tensor } from '@atrous/tensor';
import {
  describeModel,
  type LoadedModel,
  type LoadModelOptions,
  type ModelDescription,
  type ModelLocation,
  networkName,
  type Precision,
} from '@atrous/zoo';
import { checkLoad, checkNames, checkOptions, pictureRules, segmentRules } from './arguments.ts';
import { type ComputeOption, computeOf } from './compute.ts';
import { classIds, cutOutOf } from './cut_out.ts';
import { fasterBefore, fasterOf } from './faster.ts';
import type { PictureOptions } from './limit.ts';
import { mapLabels } from './map_labels.ts';
import type { Pixels } from './pixels.ts';
import { pooledNetwork } from './pooled_network.ts';
import { prepare } from './prepare.ts';
import { onCallingThread } from './protocol.ts';
import { type Chosen, type RuntimePlatform, type RuntimeTable, tableOf, withRuntime } from './runtimes.ts';
import { blankUnsure } from './unknown.ts';
import { labelByBands, labelOnDevice, look, planViews, type ViewOptions } from './views.ts';

export interface SegmenterOptions extends LoadModelOptions, RuntimeOptions {
  /** A name (`auto`, `onnx`, `onnx:wasm`, …) or a runtime of your own. @default 'auto' */
  readonly runtime?: string | Runtime;
  /** Runtimes beside our own engine: `[onnx(), tfjs()]` of @atrous/runtime-onnx and @atrous/runtime-tfjs. @default none */
  readonly runtimes?: readonly RuntimeSet[];
  /**
   * In what convolutions are computed, whatever the weights' `precision`: `int8` is faster on the runtime `wasm` and a little less
   * accurate, `float16` halves the weights on `webgpu`; `auto` takes it where the runtime can and the model's config says that it is worth it. @default 'float32'
   */
  readonly compute?: ComputeOption;
}

export interface SegmentOptions extends PictureOptions, ViewOptions {
  /** Also give the probability of the winning class per pixel. @default false */
  readonly confidence?: boolean;
  /** Pixels whose class is less probable than this are `unknownId` in the label map. @default 0 */
  readonly minConfidence?: number;
  /** Also give the logits [1,h,w,classes] that the labels come from. @default false */
  readonly logits?: boolean;
  /**
   * Also cut these classes out of the picture, by names or ids, with soft edges: hairs and blur become coverages between
   * 0 and 1. @default none
   */
  readonly cutOut?: readonly (string | number)[];
}

/** What a stream hands on from frame to frame. */
export interface Past {
  /** Of the frame before, as its labels were made from. */
  readonly logits?: Tensor;
  /** The past's share of the logits. */
  readonly share: number;
}

/** Milliseconds by stage. */
export interface Timings {
  /** Reading and decoding the picture. */
  readonly decode: number;
  /** Resizing and normalising it. */
  readonly prepare: number;
  /** The network, and putting views together where there are several. */
  readonly run: number;
  /** Logits to label map. */
  readonly labels: number;
  /** Picture and logits to cut-out, where there is one. */
  readonly cutOut?: number;
  readonly total: number;
}

export interface Segmentation {
  /** A class id per pixel, at the picture's own size. */
  readonly labels: LabelMap;
  /** The classes by id. */
  readonly classes: readonly NamedClass[];
  /** What share of the picture each class has, by id. */
  readonly shares: readonly number[];
  readonly confidence?: Float32Array;
  readonly logits?: Tensor;
  /** The picture at its own size where the classes of `cutOut` are: RGBA, without what was behind them at soft edges. */
  readonly cutOut?: CutOut;
  readonly timings: Timings;
  /** The runtime that was used, and why. */
  readonly runtime: string;
  readonly reason: string;
}

/** What is known of a model once it is loaded. */
export interface LoadedFacts {
  /** The model's config, or what its source's conventions tell where it is a bare checkpoint. */
  readonly config: ModelDescription;
  /** The runtime that was taken, and why. */
  readonly runtime: string;
  readonly reason: string;
  /** In what convolutions are computed. */
  readonly compute: Compute;
  /** Which of a model folder's weights were taken. */
  readonly precision?: Precision;
}

/** A model, loaded and ready for pictures. */
export interface PictureSegmenter<Picture> extends LoadedFacts {
  readonly classes: readonly NamedClass[];
  /**
   * A picture in, a label map of its size out. Calls may overlap; they run one after the other.
   * @param past of a stream: the logits are averaged with these where their sizes agree, and given back
   * @throws AtrousError `input` for what is no picture and for classes that are none, `disposed` after `dispose`, and whatever the runtime throws
   */
  segment(picture: Picture, options?: SegmentOptions, past?: Past): Promise<Segmentation>;
  /**
   * What the network makes of a picture inside: its values of these names (nodes or endpoints of the graph), NHWC. For
   * looking, not for speed: the network is loaded again for it.
   * @throws AtrousError `input` for a name that the network does not have, `disposed` after `dispose`
   */
  features(
    picture: Picture,
    names: readonly string[],
    options?: PictureOptions,
  ): Promise<Record<string, Tensor>>;
  /** Frees the network. What is under way ends as `disposed`; a second call does nothing. */
  dispose(): Promise<void>;
}

/** A network that is open, for what a platform does with it besides. */
export interface OpenNetwork {
  readonly session: Session;
  readonly graph: Graph;
  readonly config: ModelDescription;
  /** @throws AtrousError `disposed` */
  expectAlive(): void;
}

/** What browser and Node do differently. */
export interface Platform<Picture> {
  readonly runtimes: RuntimePlatform;
  loadModel(location: ModelLocation, options: LoadModelOptions): Promise<LoadedModel>;
  readPicture(picture: Picture, options?: PictureOptions): Promise<Pixels>;
  /** Bytes that the process has, where that is to be known. */
  memory?(): number;
}

/**
 * Loads a model on one platform.
 * @param more what segmenters can do there besides
 */
export function segmenterFor<Picture, More>(
  platform: Platform<Picture>,
  more: (network: OpenNetwork) => More,
) {
  return async (
    location: ModelLocation,
    options: SegmenterOptions = {},
  ): Promise<PictureSegmenter<Picture> & More> => {
    checkLoad(location, options);
    const { runtime = 'auto', compute: asked = 'float32', signal } = options;
    // Who may keep files may keep what is made of them.
    const keepPacked = options.cache !== undefined;
    const model = await platform.loadModel(location, { ...(keepPacked && { verify: 'read' }), ...options });
    const description = await describeModel(model, nameOf(location));
    checkSegments(model, description.name);
    const open = async (chosen: Runtime) => {
      const compute = computeOf(chosen, asked, description);
      const { onProgress } = options;
      const onCompile =
        onProgress &&
        ((loaded: number, total: number) =>
          onProgress({ phase: 'compile', file: chosen.name, loaded, total }));
      const session = await chosen.load(model, {
        outputs: ['logits'],
        compute,
        keepPacked,
        signal,
        onCompile,
      });
      const reopen = (outputs: readonly string[]) => chosen.load(model, { outputs, compute });
      const loadPart = async (part: Graph) =>
        (runsParts(session) && session.part(part)) ||
        chosen.load({ graph: part, weights: model.weights }, { compute });
      return { session, graph: model.graph, reopen, compute, loadPart };
    };
    const known = { id: model.weights.id ?? description.name, preprocess: description.preprocess };
    const opened =
      typeof runtime === 'string'
        ? await choose(tableOf(platform.runtimes, options.runtimes), runtime, known, options, open)
        : { name: runtime.name, reason: 'given by the caller', value: await open(runtime) };
    const { name, reason, value } = opened;
    const { compute } = value;
    const { precision } = model;
    const told = tellsOfThread(value.session)
      ? `${reason}; ${onCallingThread(value.session.withoutWorkers)}`
      : reason;
    const facts: LoadedFacts = { config: description, runtime: name, reason: told, compute, precision };
    return ready(platform, more, facts, value);
  };
}

/** Starts a runtime. What `auto` takes of a GPU and the CPU for a small network is measured, once. */
async function choose<T extends Opened>(
  table: RuntimeTable,
  runtime: string,
  { id, preprocess }: Pick<ModelDescription, 'preprocess'> & { readonly id: string },
  options: SegmenterOptions,
  open: (runtime: Runtime) => Promise<T>,
): Promise<Chosen<T>> {
  const { compute = 'float32', threads, signal } = options;
  const onCpu = () => withRuntime(table, 'wasm', options, open);
  const key = JSON.stringify([id, compute, threads]);
  const hasChoice = runtime === 'auto' && Object.hasOwn(table.runtimes, 'wasm');
  if (hasChoice && fasterBefore(key) === 'wasm')
    return { ...(await onCpu()), reason: 'faster than the GPU when it was measured' };
  const chosen = await withRuntime(table, runtime, options, open);
  if (!hasChoice || chosen.name !== 'webgpu' || fasterBefore(key)) return chosen;
  const usual = { height: 360, width: 480, data: new Uint8Array(360 * 480 * 3) };
  return fasterOf(chosen, onCpu, prepare(usual, preprocess), key, signal);
}

/** @throws AtrousError `config` for a network that gives no label maps */
function checkSegments({ architecture, graph }: LoadedModel, name: string): void {
  if (architecture.head !== 'classifier' && Object.hasOwn(graph.outputs, 'logits')) return;
  const [what, advice] =
    architecture.head === 'classifier'
      ? [
          `${networkName(architecture)} names what a picture shows`,
          'use @atrous/encoder or `atrous classify`',
        ]
      : ['its last layer is not in the file', 'it gives features only'];
  throw new AtrousError('config', `${name}: no label maps come out of it: ${what}; ${advice}`);
}

/** Where a model was loaded from, in a word. */
function nameOf(location: ModelLocation): string {
  if (typeof location === 'string' || location instanceof URL) return String(location).split(/[?#]/, 1)[0];
  if (Array.isArray(location)) return location[0]?.name ?? '';
  return 'name' in location && typeof location.name === 'string' ? location.name : '';
}

interface Opened {
  readonly session: Session;
  readonly graph: Graph;
  /** The same network on the same runtime, with other outputs. */
  reopen(outputs: readonly string[]): Promise<Session>;
  /** A part of it, on the weights that it holds where the runtime can. */
  loadPart(part: Graph): Promise<Session>;
}

function ready<Picture, More>(
  platform: Platform<Picture>,
  more: (network: OpenNetwork) => More,
  { config, runtime, reason, compute, precision }: LoadedFacts,
  { session, graph, reopen, loadPart }: Opened,
): PictureSegmenter<Picture> & More {
  const { labels: classes, preprocess, postprocess } = config;
  const pooled = pooledNetwork(graph, loadPart);
  const network = { session, graph, config, pooled };
  let disposal: Promise<void> | undefined;
  const expectAlive = () => {
    if (disposal) throw new AtrousError('disposed', 'this segmenter was disposed: load the model again');
  };
  return {
    ...more({ session, graph, config, expectAlive }),
    config,
    classes,
    runtime,
    reason,
    compute,
    ...(precision && { precision }),
    async segment(picture, options = {}, past) {
      checkOptions(options, segmentRules);
      const { signal, maxPixels, confidence = false, minConfidence = 0 } = options;
      const kept = options.cutOut && classIds(options.cutOut, classes);
      const times = [performance.now()];
      const lap = () => {
        expectAlive();
        signal?.throwIfAborted();
        times.push(performance.now());
      };
      expectAlive();
      signal?.throwIfAborted();
      const pixels = await platform.readPicture(picture, { signal, maxPixels });
      lap();
      const isSure = confidence || minConfidence > 0;
      const views = planViews(network, pixels, options, signal);
      const wanted = { confidence: isSure, logits: Boolean(options.logits || kept) };
      // a large picture whose logits nobody asks for: they are never there as a whole
      const byBands = wanted.logits || past ? undefined : await labelByBands(views, wanted);
      const onDevice = byBands || past ? undefined : await labelOnDevice(views, wanted);
      const seen = byBands ?? onDevice ?? (await look(views));
      lap();
      const found = 'logits' in seen ? seen.logits : undefined;
      const logits = past && found ? blend(found, past) : found;
      const { height, width } = pixels;
      const size = { height, width, resize: postprocess.resize, confidence: isSure };
      const result =
        byBands ??
        onDevice ??
        (await (hasLabelMap(session) ? session.labelMap(logits!, size) : mapLabels(logits!, size)));
      if (minConfidence > 0) blankUnsure(result, minConfidence, classes.length);
      const shares = classShares(result.labels, classes.length);
      lap();
      const cutOut = kept && cutOutOf(pixels, logits!, kept, config);
      if (cutOut) lap();
      const [decode, looking, labels, cut] = times.slice(1).map((time, i) => time - times[i]);
      const total = times[times.length - 1] - times[0];
      const { labelling = 0 } = onDevice ?? {};
      const { prepare: preparing } = seen;
      const stages = {
        decode,
        prepare: preparing,
        run: looking - preparing - labelling,
        labels: labels + labelling,
      };
      return {
        labels: result.labels,
        ...(confidence && { confidence: result.confidence }),
        ...((options.logits || past) && { logits }),
        ...(cutOut && { cutOut }),
        classes,
        shares,
        timings: { ...stages, ...(cutOut && { cutOut: cut }), total },
        runtime,
        reason,
      };
    },
    async features(picture, names, options = {}) {
      checkOptions(options, pictureRules);
      checkNames(names);
      expectAlive();
      const { signal, maxPixels } = options;
      signal?.throwIfAborted();
      const image = prepare(await platform.readPicture(picture, { signal, maxPixels }), preprocess);
      expectAlive();
      const inner = await reopen(names);
      try {
        return await inner.run({ image }, { signal });
      } finally {
        await inner.dispose();
      }
    },
    dispose() {
      disposal ??= Promise.all([session.dispose(), pooled?.dispose()]).then(() => {});
      return disposal;
    },
  };
}

/** The logits averaged with those of the past, where both have one size. */
export function blend(logits: Tensor, { logits: past, share }: Past): Tensor {
  if (!past || past.shape.some((extent, axis) => extent !== logits.shape[axis])) return logits;
  const [old, now] = [past.data as Float32Array, logits.data as Float32Array];
  return { ...logits, data: now.map((value, i) => value + (old[i] - value) * share) };
}

/** Whether a session runs parts of its network on the weights that it holds. */
const runsParts = (session: Session): session is Session & PartRunner => 'part' in session;

/** Whether a session computes on the thread that calls it because it has no workers. */
const tellsOfThread = (session: Session): session is Session & { readonly withoutWorkers: string } =>
  'withoutWorkers' in session && typeof session.withoutWorkers === 'string';

/** Whether a session makes label maps itself: in its own threads, and faster. */
const hasLabelMap = (session: Session): session is Session & LabelMapper => 'labelMap' in session;
