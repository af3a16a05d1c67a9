import type { FamilyOptions, OutputStride, WeightSource } from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';
import { type Architecture, buildNetwork, type NetworkOptions, parseNetworkName } from './architecture.ts';
import { loadFamilies } from './families.ts';
import { bestOf, candidates, type Known, type Recognised, readingOf, rulesOf } from './read_as.ts';
import type { Candidate, Reading } from './readings.ts';
import { sourceNames } from './rename.ts';
import { sourceNamed } from './sources/index.ts';
import { layouts } from './sources/layout.ts';

/** What a caller may say of a checkpoint. */
export interface Said {
  readonly network?: string;
  readonly source?: string;
  readonly options?: NetworkOptions;
}

/**
 * Finds out which network a file's weights are of, with what the caller knows of it.
 * @throws AtrousError `input` for names that are none, and for another number of classes than the file has; `weights` as `recognise`
 */
export async function recogniseSaid(
  weights: WeightSource,
  { network, source, options }: Said,
): Promise<Recognised> {
  const families = await loadFamilies();
  const named = network === undefined ? undefined : parseNetworkName(network, families);
  const known: Known = {
    families: named ? [named.family] : families,
    ...(named && { head: named.head, variant: named.variant }),
    ...(source !== undefined && { source: sourceNamed(source) }),
    options,
  };
  const found = recognise(weights, known);
  const asked = options?.classes;
  const { classes } = found.architecture;
  if (asked !== undefined && asked !== 0 && asked !== classes) {
    throw new AtrousError(
      'input',
      `${asked} classes asked for, but the checkpoint has ${classes}: leave the number out`,
    );
  }
  return found;
}

/**
 * Finds out which network a file's weights are of, by their names and shapes: of all readings under which nothing is missing,
 * the one that uses the most of the file.
 * @throws AtrousError `weights` that says what the nearest reading lacks, or that no source has such names
 */
export function recognise(weights: WeightSource, known: Known): Recognised {
  const found = candidates(weights, known).map((candidate) => read(weights, candidate, known.options));
  return bestOf(found, weights);
}

/** A candidate's network, as large as the file says. */
function read(weights: WeightSource, candidate: Candidate, options: NetworkOptions = {}): Reading {
  const architecture = architectureOf(candidate, options);
  const classes = countClasses(weights, candidate, architecture);
  return readingOf(weights, candidate, { ...architecture, classes: options.classes === 0 ? 0 : classes });
}

function architectureOf(
  { source, encoder, family, naming, variant, head }: Candidate,
  { encoder: given, classifier: end, aspp, decoder, ...rest }: NetworkOptions,
): Architecture {
  const options: FamilyOptions = { ...naming.conventions, ...encoder.options, ...defined(given) };
  const usual = head.head === 'classifier' ? undefined : source.outputStride;
  const { outputStride = encoder.outputStride ?? head.options?.outputStride ?? usual, ...others } = rest;
  return defined({
    ...head.options,
    ...defined(others),
    outputStride: finest(outputStride, encoder.finestStride),
    classifier:
      head.head === 'classifier' && (naming.classifier || end)
        ? { ...naming.classifier, ...defined(end) }
        : undefined,
    aspp: head.options?.aspp || aspp ? { ...head.options?.aspp, ...defined(aspp) } : undefined,
    decoder: head.options?.decoder || decoder ? { ...head.options?.decoder, ...defined(decoder) } : undefined,
    head: head.head,
    encoder: { family: family.name, variant, ...(Object.keys(options).length > 0 && { options }) },
  }) as Architecture;
}

const finest = (asked?: OutputStride, least?: OutputStride): OutputStride | undefined =>
  asked !== undefined && least !== undefined ? (Math.max(asked, least) as OutputStride) : asked;

/** The length of the last layer's bias; 0 where the file has none. */
function countClasses(weights: WeightSource, candidate: Candidate, architecture: Architecture): number {
  const { family, view, naming, variant } = candidate;
  const layout = layouts[naming.layout];
  if (family.variants[variant].classifier.outputs && architecture.head === 'classifier') return 1;
  const graph = buildNetwork(family, { ...architecture, classes: 1 });
  const key = architecture.head === 'classifier' ? 'head/bias' : 'classifier/bias';
  const names = sourceNames(graph, family, rulesOf(candidate), layout).get(key) ?? [];
  const name = names.map((candidate) => view.get(candidate)).find((found) => found !== undefined);
  return name === undefined ? 0 : (weights.spec(name).shape.at(-1) ?? 0);
}

const defined = <T extends object>(value: T | undefined): T =>
  Object.fromEntries(Object.entries(value ?? {}).filter(([, one]) => one !== undefined)) as T;
