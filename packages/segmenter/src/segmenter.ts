import type { Runtime } from '@atrous/graph';
import { classShares, type LabelMap, type LabelMapper, labelMap } from '@atrous/mask';
import { AtrousError, type Session, type Tensor } from '@atrous/tensor';
import {
  type Label,
  type LoadFolderOptions,
  loadModelFiles,
  type ModelConfig,
  type ModelFiles,
  type ModelLocation,
  type UrlOptions,
} from '@atrous/zoo';
import type { Pixels } from './pixels.ts';
import { prepare } from './prepare.ts';
import { type RuntimeOptions, type RuntimeTable, withRuntime } from './runtimes.ts';

export interface SegmenterOptions extends LoadFolderOptions, UrlOptions, RuntimeOptions {
  /** A name (`auto`, `onnx`, `onnx:wasm`, …) or a runtime of your own. @default 'auto' */
  readonly runtime?: string | Runtime;
}

export interface SegmentOptions {
  readonly signal?: AbortSignal;
  /** Also give the probability of the winning class per pixel. @default false */
  readonly confidence?: boolean;
}

/** Milliseconds by stage. */
export interface Timings {
  /** Reading and decoding the picture. */
  readonly decode: number;
  /** Resizing and normalising it. */
  readonly prepare: number;
  /** The network. */
  readonly run: number;
  /** Logits to label map. */
  readonly labels: number;
  readonly total: number;
}

export interface Segmentation {
  /** A class id per pixel, at the picture's own size. */
  readonly labels: LabelMap;
  /** The classes by id. */
  readonly classes: readonly Label[];
  /** What share of the picture each class has, by id. */
  readonly shares: readonly number[];
  readonly confidence?: Float32Array;
  readonly timings: Timings;
  /** The runtime that was used, and why. */
  readonly runtime: string;
  readonly reason: string;
}

/** A model, loaded and ready for pictures. */
export interface Segmenter<Picture> {
  readonly config: ModelConfig;
  readonly classes: readonly Label[];
  readonly runtime: string;
  readonly reason: string;
  /**
   * A picture in, a label map of its size out. Calls may overlap; they run one after the other.
   * @throws AtrousError `input` for what is no picture, and whatever the runtime throws
   */
  segment(picture: Picture, options?: SegmentOptions): Promise<Segmentation>;
  /** Frees the network. */
  dispose(): Promise<void>;
}

/** What browser and Node do differently. */
export interface Platform<Picture> {
  readonly runtimes: RuntimeTable;
  readonly precision: LoadFolderOptions['precision'];
  modelFiles(location: ModelLocation, options: UrlOptions): ModelFiles;
  readPicture(picture: Picture): Promise<Pixels>;
  /** Bytes that the process has, where that is to be known. */
  memory?(): number;
}

/** `Segmenter.load` for one platform. */
export function segmenterFor<Picture>(platform: Platform<Picture>) {
  return async (location: ModelLocation, options: SegmenterOptions = {}): Promise<Segmenter<Picture>> => {
    const { runtime = 'auto', signal } = options;
    const files = platform.modelFiles(location, options);
    const model = await loadModelFiles(files, {
      ...options,
      precision: options.precision ?? platform.precision,
    });
    const open = (chosen: Runtime) => chosen.load(model, { outputs: ['logits'], signal });
    if (model.architecture.head === 'classifier') {
      throw new AtrousError('config', `${files.name}: a classifier gives no label maps`);
    }
    const session =
      typeof runtime === 'string'
        ? await withRuntime(platform.runtimes, runtime, options, open)
        : { name: runtime.name, reason: 'given by the caller', value: await open(runtime) };
    return ready(platform, model.config, session.value, session.name, session.reason);
  };
}

function ready<Picture>(
  platform: Platform<Picture>,
  config: ModelConfig,
  session: Session,
  runtime: string,
  reason: string,
): Segmenter<Picture> {
  const { labels: classes, preprocess, postprocess } = config;
  return {
    config,
    classes,
    runtime,
    reason,
    async segment(picture, { signal, confidence = false } = {}) {
      const times = [performance.now()];
      const lap = () => {
        signal?.throwIfAborted();
        times.push(performance.now());
      };
      signal?.throwIfAborted();
      const pixels = await platform.readPicture(picture);
      lap();
      const image = prepare(pixels, preprocess);
      lap();
      const { logits } = await session.run({ image }, { signal });
      expectFinite(logits);
      lap();
      const { height, width } = pixels;
      const options = { height, width, resize: postprocess.resize, confidence };
      const result = await (hasLabelMap(session)
        ? session.labelMap(logits, options)
        : labelMap(logits, options));
      const shares = classShares(result.labels, classes.length);
      lap();
      const [decode, preparation, run, labels] = times.slice(1).map((time, i) => time - times[i]);
      const total = times[4] - times[0];
      const timings = { decode, prepare: preparation, run, labels, total };
      return { ...result, classes, shares, timings, runtime, reason };
    },
    dispose: () => session.dispose(),
  };
}

/** Whether a session makes label maps itself: in its own threads, and faster. */
const hasLabelMap = (session: Session): session is Session & LabelMapper => 'labelMap' in session;

/** NaN loses every comparison: without this it would be a silent mask of class 0. */
function expectFinite(logits: Tensor): void {
  if ((logits.data as Float32Array).every(Number.isFinite)) return;
  throw new AtrousError(
    'runtime',
    "the network's logits hold NaN or infinity: the weights or the runtime are broken",
  );
}
