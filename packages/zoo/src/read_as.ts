import { briefList, clip } from '@atrous/checkpoint';
import {
  type EncoderFamily,
  foldedGraph,
  type Graph,
  type Naming,
  type Rule,
  type WeightSource,
} from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';
import { adaptWeights, describeMisfit, fitWeights } from './adapt.ts';
import { type Architecture, buildNetwork, type NetworkOptions, networkName } from './architecture.ts';
import { below, type NameView, readNames, rootsOf } from './names.ts';
import {
  type Candidate,
  compareReadings,
  type OtherReading,
  othersOf,
  type Reading,
  wrongIn,
} from './readings.ts';
import { sourceNames } from './rename.ts';
import { sources } from './sources/index.ts';
import { layouts } from './sources/layout.ts';
import { own, ownNaming, ownOnnxNaming } from './sources/own.ts';
import type { CheckpointSource, EncoderSource, HeadSource } from './sources/source.ts';

/** What is known of a checkpoint before it is looked at; whatever is left out is found. */
export interface Known {
  readonly families: readonly EncoderFamily[];
  readonly source?: CheckpointSource;
  readonly head?: HeadSource['head'];
  readonly variant?: string;
  /** What differs from the source's conventions. The class count comes from the checkpoint. */
  readonly options?: NetworkOptions;
}

/** A checkpoint as the network that it holds. */
export interface Recognised {
  readonly source: CheckpointSource;
  readonly encoder: EncoderSource;
  readonly family: EncoderFamily;
  readonly architecture: Architecture;
  readonly graph: Graph;
  readonly weights: WeightSource;
  /** What stood before the source's names in the file, e.g. `module.`. */
  readonly wrapper: string;
  /** How many of the file's tensors the network has. */
  readonly used: number;
  /** Names in the file that the network does not have. */
  readonly ignored: readonly string[];
  /** Other readings that the names and shapes allow as well; the first of the table of sources was taken. */
  readonly alsoFits: readonly OtherReading[];
}

/** The weights of a network that is known, read as a source's. @throws AtrousError `weights` */
export function readAs(
  weights: WeightSource,
  source: CheckpointSource,
  family: EncoderFamily,
  architecture: Architecture,
): Recognised {
  const { head, encoder } = architecture;
  const known = { families: [family], source, head, variant: encoder.variant };
  const found: Reading[] = [];
  for (const candidate of candidates(weights, known, false)) {
    const reading = readingOf(weights, candidate, architecture);
    found.push(reading);
    if (wrongIn(reading) === 0 && reading.fit.left.length === 0) break; // none can use more of the file
  }
  return bestOf(found, weights);
}

/** The reading under which nothing is missing, and of several the one that uses the most of the file. */
export function bestOf(readings: readonly Reading[], weights: WeightSource): Recognised {
  const sorted = readings.toSorted(compareReadings);
  const [best] = sorted;
  if (!best) throw strangers(weights);
  const { source, fit, architecture, graph, layout } = best;
  if (wrongIn(best) > 0) {
    const network = networkName(architecture);
    throw new AtrousError(
      'weights',
      `the weights (read as ${source.name}) do not fit the network (${network}):\n${describeMisfit(fit, source.ignore)}`,
    );
  }
  const adapted = adaptWeights(graph, weights, fit, layout);
  const alsoFits = othersOf(sorted.filter((other) => compareReadings(best, other) === 0));
  return { ...best, weights: adapted, used: fit.found.size, ignored: fit.left, alsoFits };
}

/** Every reading that the names in a file suggest. */
export function candidates(weights: WeightSource, known: Known, mustSign = true): Candidate[] {
  const among = known.source ? [known.source] : sources;
  return among.flatMap((source) =>
    known.families.flatMap((family) =>
      encodersOf(source, family).flatMap((encoder): Candidate[] => {
        const naming = ownNamings[encoder.naming] ?? family.namings[encoder.naming];
        const all = readNames(weights.names, naming.layout);
        const found = rootsOf(all.keys(), naming.signature, encoder.prefix ?? '');
        const roots = found.length || mustSign ? found : [''];
        const variants = (naming.variants ?? Object.keys(family.variants)).filter(
          (variant) => known.variant === undefined || known.variant === variant,
        );
        return roots.flatMap((wrapper) => {
          const view = below(all, wrapper);
          return headsOf(source, view, known.head).flatMap((head) =>
            variants.map((variant) => ({ source, encoder, family, naming, variant, head, view, wrapper })),
          );
        });
      }),
    ),
  );
}

const encodersOf = (source: CheckpointSource, family: EncoderFamily): readonly EncoderSource[] =>
  source === own
    ? Object.keys(ownNamings).map((naming) => ({ naming, pixels: 'imagenet' }))
    : (source.encoders[family.name] ?? []);

/** Our own names fit every family. */
const ownNamings: Readonly<Record<string, Naming>> = { own: ownNaming, 'own-onnx': ownOnnxNaming };

/** The heads whose names a file has: the first that signs, or the one that is asked for. */
function headsOf(source: CheckpointSource, view: NameView, asked?: HeadSource['head']): HeadSource[] {
  if (asked) return source.heads.filter(({ head }) => head === asked);
  const names = [...view.keys()];
  const signed = source.heads.find(
    ({ signature }) => !signature || names.some((name) => signature.test(name)),
  );
  return signed ? [signed] : [];
}

export function readingOf(weights: WeightSource, candidate: Candidate, architecture: Architecture): Reading {
  const { family, naming, view } = candidate;
  const layout = layouts[naming.layout];
  const rules = rulesOf(candidate);
  const read = (graph: Graph): Reading => {
    const names = sourceNames(graph, family, rules, layout);
    const fit = fitWeights(graph, weights, view, names, layout, naming.defaults);
    return { ...candidate, architecture, graph, layout, fit };
  };
  const whole = read(buildNetwork(family, architecture));
  if (wrongIn(whole) === 0) return whole;
  // Exporters fold batch norms into the convolutions before them.
  const folded = read(foldedGraph(whole.graph));
  return wrongIn(folded) < wrongIn(whole) && wrongIn(folded) === 0 ? folded : whole;
}

export const rulesOf = ({ encoder, naming, variant, head }: Candidate): readonly Rule[] => [
  ...head.rules,
  ...withPrefix(naming.rules(variant), encoder.prefix ?? ''),
];

function withPrefix(rules: readonly Rule[], prefix: string): readonly Rule[] {
  if (prefix === '') return rules;
  const prefixed = (names: string) =>
    names
      .split('|')
      .map((name) => prefix + name)
      .join('|');
  return rules.map(([pattern, theirs]): Rule => {
    return [
      pattern,
      typeof theirs === 'string' ? prefixed(theirs) : (...groups) => prefixed(theirs(...groups)),
    ];
  });
}

function strangers(weights: WeightSource): AtrousError {
  const some = briefList(weights.names, 4)
    .map((name) => clip(name))
    .join(', ');
  return new AtrousError(
    'weights',
    `the weights' names (${some || 'none'}) are of none of the sources that we read:` +
      sources.map((source) => `\n  ${source.name}: ${source.description}`).join(''),
  );
}
