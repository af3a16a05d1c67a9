import type { Model, Runtime, RuntimeOptions, RuntimeSet } from '@atrous/graph';
import {
  type PictureOptions,
  type Pixels,
  type Preparation,
  prepare,
  type RuntimeTable,
  withRuntime,
} from '@atrous/segmenter';
import { checkOptions, expectFinite } from '@atrous/segmenter/shared';
import { AtrousError, type Session, type Tensor, type Tensors, unknownName } from '@atrous/tensor';
import { type LoadedModel, networkName } from '@atrous/zoo';
import { callRules, classifyRules, encoderRules } from './arguments.ts';
import { runBatches } from './batches.ts';
import { bestOf, type Class, classesOfModel, type Guess } from './classes.ts';
import { preparationOf } from './preparation.ts';
import { keepSessions } from './sessions.ts';
import { pyramidOf, type Tap, tapsOf, withEmbedding } from './taps.ts';

export interface EncoderOptions extends RuntimeOptions {
  /** A name (`auto`, `onnx`, `wasm`, …) or a runtime of your own. @default 'auto' */
  readonly runtime?: string | Runtime;
  /** Runtimes beside our own engine: `[onnx(), tfjs()]` of @atrous/runtime-onnx and @atrous/runtime-tfjs. @default none */
  readonly runtimes?: readonly RuntimeSet[];
  /** What differs from how the model's config or source prepares pictures. */
  readonly preparation?: Partial<Preparation>;
  /** Names of the classes. @default the config's, or ImageNet's where there are 1000 or 1001 classes */
  readonly labels?: readonly string[];
  /** Pictures in one run of the network at most. @default 8 */
  readonly batch?: number;
  readonly signal?: AbortSignal;
}

export interface EncoderCallOptions extends PictureOptions {
  /** Called after each picture of a list. */
  readonly onPicture?: (done: number, total: number) => void;
}

export interface ClassifyOptions extends EncoderCallOptions {
  /** How many classes, likeliest first. @default 5 */
  readonly top?: number;
}

export interface FeatureOptions extends EncoderCallOptions {
  /** Names of `taps`. @default the deepest of each stride */
  readonly names?: readonly string[];
}

/** A feature map of a picture. */
export interface Level extends Tap {
  /** [1,h,w,channels] */
  readonly tensor: Tensor;
}

/** Takes one picture, or a list, and gives as many results. Lists are run in batches. */
export interface ForPictures<Picture, Options, Result> {
  (picture: Picture, options?: Options): Promise<Result>;
  (pictures: readonly Picture[], options?: Options): Promise<Result[]>;
}

/**
 * An encoder, loaded and ready for pictures. All calls throw AtrousError: `input` for what is no picture or what the network
 * cannot answer, `disposed` after `dispose`, and whatever the runtime throws.
 */
export interface Encoder<Picture> {
  /** e.g. `xception`, `deeplabv3plus-xception65` */
  readonly network: string;
  /** The source that the weights were read as. */
  readonly source: string;
  /** How pictures are prepared. */
  readonly preparation: Preparation;
  /** What `classify` tells apart; empty where it cannot. */
  readonly classes: readonly Class[];
  /** What `answers` gives, by name; none where the network only embeds. */
  readonly answerNames: readonly string[];
  /** What `features` can give, finest first. */
  readonly taps: readonly Tap[];
  /** Which runtime was taken, and why. */
  readonly runtime: string;
  readonly reason: string;
  /** The likeliest classes, best first. */
  readonly classify: ForPictures<Picture, ClassifyOptions, Guess[]>;
  /** What the network itself gives, by name: `logits`, or several answers such as `age` and `gender`. */
  readonly answers: ForPictures<Picture, EncoderCallOptions, Record<string, Float32Array>>;
  /** A picture as a vector: what a classifier's last layer sees, or the mean of the deepest features. */
  readonly embed: ForPictures<Picture, EncoderCallOptions, Float32Array>;
  /** Feature maps, finest first. The first call loads the network a second time, with these as outputs. */
  readonly features: ForPictures<Picture, FeatureOptions, Level[]>;
  /** Frees the network. What is under way ends as `disposed`; a second call does nothing. */
  dispose(): Promise<void>;
}

/** What browser and Node do differently. */
export interface Platform<Picture> {
  runtimeTable(given?: readonly RuntimeSet[]): RuntimeTable;
  readPicture(picture: Picture, options?: PictureOptions): Promise<Pixels>;
}

/** `encoderOf` for one platform. */
export function encoderFor<Picture>(platform: Platform<Picture>) {
  return async (model: LoadedModel, options: EncoderOptions = {}): Promise<Encoder<Picture>> => {
    checkOptions(options, encoderRules);
    const { runtime = 'auto', signal } = options;
    const taps = tapsOf(model);
    const network: Model = {
      graph: withEmbedding(model.graph, taps.at(-1)!.value),
      weights: model.weights,
    };
    const answers = model.architecture.head === 'classifier' ? Object.keys(model.graph.outputs) : [];
    const own = answers.filter((name) => name !== 'features');
    const open = async (chosen: Runtime) => {
      const load = (outputs: readonly string[], how?: { signal?: AbortSignal }) =>
        chosen.load(network, { outputs, ...how });
      return { load, main: await load([...own, 'embedding'], { signal }) };
    };
    const opened =
      typeof runtime === 'string'
        ? await withRuntime(platform.runtimeTable(options.runtimes), runtime, options, open)
        : { name: runtime.name, reason: 'given by the caller', value: await open(runtime) };
    const { load, main } = opened.value;
    const preparation = await preparationOf(model, options.preparation);
    const classes = await classesOfModel(model, options.labels);
    const name = networkName(model.architecture);
    const sessions = keepSessions(main, load);

    const through = async <R>(
      pictures: Picture | readonly Picture[],
      { signal, maxPixels, onPicture }: EncoderCallOptions,
      session: Promise<Session>,
      resultOf: (outputs: Tensors) => R,
    ): Promise<R | R[]> => {
      const list = isList(pictures) ? pictures : [pictures];
      let done = 0;
      const outputs = await runBatches(await session, {
        count: list.length,
        batch: options.batch ?? 8,
        signal,
        async prepare(index) {
          const pixels = await platform.readPicture(list[index], { signal, maxPixels });
          sessions.expectAlive();
          return prepare(pixels, preparation);
        },
        onDone: () => onPicture?.(++done, list.length),
      });
      const results = outputs.map(resultOf);
      return isList(pictures) ? results : results[0];
    };

    const classify = async (pictures: Picture | readonly Picture[], given: ClassifyOptions = {}) => {
      checkOptions(given, classifyRules);
      if (classes.length === 0) throw noClasses(name, model, own);
      return through(pictures, given, sessions.main(), ({ logits }) =>
        bestOf(numbers('logits', logits), classes, given.top ?? 5),
      );
    };
    const answer = async (pictures: Picture | readonly Picture[], given: EncoderCallOptions = {}) => {
      checkOptions(given, callRules);
      if (own.length === 0) throw noClasses(name, model, own);
      return through(pictures, given, sessions.main(), (outputs) =>
        Object.fromEntries(own.map((key) => [key, numbers(key, outputs[key])])),
      );
    };
    const embed = async (pictures: Picture | readonly Picture[], given: EncoderCallOptions = {}) => {
      checkOptions(given, callRules);
      return through(pictures, given, sessions.main(), ({ embedding }) => numbers('embedding', embedding));
    };
    const features = async (pictures: Picture | readonly Picture[], given: FeatureOptions = {}) => {
      checkOptions(given, callRules);
      const chosen = given.names ? namedTaps(taps, given.names) : pyramidOf(taps);
      const session = sessions.named([...new Set(chosen.map(({ value }) => value))]);
      return through(pictures, given, session, (outputs) =>
        chosen.map(({ value, ...tap }): Level => ({ ...tap, tensor: outputs[value] })),
      );
    };
    return {
      network: name,
      source: model.source,
      preparation,
      classes,
      answerNames: own,
      taps: taps.map(({ value: _, ...tap }) => tap),
      runtime: opened.name,
      reason: opened.reason,
      classify: classify as Encoder<Picture>['classify'],
      answers: answer as Encoder<Picture>['answers'],
      embed: embed as Encoder<Picture>['embed'],
      features: features as Encoder<Picture>['features'],
      dispose: sessions.dispose,
    };
  };
}

/** No kind of picture is an array. */
const isList = <Picture>(pictures: Picture | readonly Picture[]): pictures is readonly Picture[] =>
  Array.isArray(pictures);

/** One picture's numbers of an output. */
function numbers(what: string, output: Tensor): Float32Array {
  expectFinite(what, output);
  return output.data as Float32Array;
}

function namedTaps<T extends Tap>(taps: readonly T[], names: readonly string[]): T[] {
  return names.map((name) => {
    const found = taps.find((tap) => tap.name === name);
    if (!found)
      throw unknownName(
        'feature map',
        name,
        taps.map((tap) => tap.name),
      );
    return found;
  });
}

function noClasses(network: string, { architecture }: LoadedModel, answers: readonly string[]): AtrousError {
  if (architecture.head !== 'classifier') {
    return new AtrousError(
      'input',
      `${network} labels pixels, it does not classify pictures: segment with @atrous/segmenter, or embed`,
    );
  }
  return answers.length > 0
    ? new AtrousError('input', `${network} has no classes, it answers ${answers.join(', ')}: ask for answers`)
    : new AtrousError('input', `${network}: its checkpoint has no classifier: embed, or ask for features`);
}
