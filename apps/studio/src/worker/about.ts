import { type Graph, weightShapes } from '@atrous/graph';
import { AtrousError, sizeOf } from '@atrous/tensor';
import {
  classesOf,
  type LoadedModel,
  labelSetName,
  leftOver,
  networkName,
  outputStrideOf,
  sourceNamed,
} from '@atrous/zoo';

/** What was recognised in a checkpoint. */
export interface About {
  /** What it was opened by. */
  readonly file: string;
  /** With its article, e.g. `a PyTorch zip`; of an archive after the file's name in it. */
  readonly format: string;
  /** Whose names the weights have. */
  readonly source: string;
  /** e.g. `deeplabv3plus-resnet50` */
  readonly network: string;
  readonly outputStride: number;
  readonly classes: number;
  /** The dataset that has so many classes, where one is known. */
  readonly labels?: string;
  readonly parameters: number;
  /** How many of the file's tensors the network has. */
  readonly used: number;
  /** What stood before all names, e.g. `module.`. */
  readonly wrapper: string;
  /** How many tensors were left over that inference does not need: counters, heads of the training. */
  readonly unneeded: number;
  /** Names of the others that were left over. */
  readonly left: readonly string[];
  /** Files that were given and not used. */
  readonly aside: readonly string[];
}

/** What a loaded checkpoint is. */
export async function aboutModel(
  model: LoadedModel,
  given: Pick<About, 'file' | 'format' | 'aside'>,
): Promise<About> {
  const { architecture, graph, used, wrapper } = model;
  const source = sourceNamed(model.source);
  const { unneeded, left } = leftOver(model);
  const classes = classesOf(architecture);
  return {
    ...given,
    source: source.description,
    network: networkName(architecture),
    outputStride: outputStrideOf(architecture),
    classes,
    labels: labelSetName(classes),
    parameters: countParameters(graph),
    used,
    wrapper,
    unneeded: unneeded.length,
    left,
  };
}

/** What training learns: statistics of batch norms are none. */
function countParameters(graph: Graph): number {
  const learned = [...weightShapes(graph)].filter(([key]) => !/\/(mean|variance)$/.test(key));
  return learned.reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
}

/** @throws AtrousError `config` that says what a network without masks is, and what it is good for */
export function expectMasks({ architecture, graph, source }: LoadedModel, file: string): void {
  const { head } = architecture;
  const what = `${file} is ${networkName(architecture)} as ${sourceNamed(source).description} names it`;
  const classes = classesOf(architecture);
  if (head !== 'classifier') {
    if (Object.hasOwn(graph.outputs, 'logits')) return;
    throw new AtrousError(
      'config',
      `${what}, without its last layer: it gives features, and no classes to draw. Give the file that holds all of it.`,
    );
  }
  throw new AtrousError(
    'config',
    classes === 0
      ? `${what}: an encoder without a head. It has no classes to draw; \`atrous embed\` and @atrous/encoder take features from it.`
      : `${what}: a classifier of ${classes} classes. It says what a picture shows and draws no masks; \`atrous classify\` and @atrous/encoder are for it.`,
  );
}
