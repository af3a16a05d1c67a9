import type { EncoderFamily, Graph, Naming } from '@atrous/graph';
import type { Fit } from './adapt.ts';
import { type Architecture, networkName } from './architecture.ts';
import type { NameView } from './names.ts';
import type { Layout } from './sources/layout.ts';
import type { CheckpointSource, EncoderSource, HeadSource } from './sources/source.ts';

/** One reading of a file: whose names they are, and whose network. */
export interface Candidate {
  readonly source: CheckpointSource;
  readonly encoder: EncoderSource;
  readonly family: EncoderFamily;
  readonly naming: Naming;
  readonly variant: string;
  readonly head: HeadSource;
  readonly view: NameView;
  readonly wrapper: string;
}

/** A candidate with its network, and how the weights fit it. */
export interface Reading extends Candidate {
  readonly architecture: Architecture;
  readonly graph: Graph;
  readonly layout: Layout;
  readonly fit: Fit;
}

/** A reading that was not taken. */
export interface OtherReading {
  readonly source: string;
  readonly network: string;
  /** What stands before its names: files may hold several sets of weights, e.g. `state_dict.` and `state_dict_ema.`. */
  readonly wrapper: string;
  /** Whether it has other weights, computes something else or wants other pictures; if not, only the source's name is open. */
  readonly differs: boolean;
}

/** How many weights a reading has as they should be. */
const fitting = ({ fit }: Reading): number => fit.found.size - fit.misshaped.length;

/** How many weights a reading lacks or has in other shapes. */
export const wrongIn = ({ fit }: Reading): number => fit.missing.length + fit.misshaped.length;

/** How many of the names that are left over the source cannot explain. */
const unexplainedIn = ({ fit, source, wrapper }: Reading) =>
  fit.left.filter((name) => {
    const theirs = name.startsWith(wrapper) ? name.slice(wrapper.length) : name;
    return !source.ignore?.test(theirs);
  }).length;

/** Orders readings: nothing missing, then the most of the file used, then the most of what is left explained. */
export const compareReadings = (a: Reading, b: Reading): number =>
  Number(wrongIn(a) > 0) - Number(wrongIn(b) > 0) ||
  fitting(b) - fitting(a) ||
  wrongIn(a) - wrongIn(b) ||
  unexplainedIn(a) - unexplainedIn(b);

/** What else a file may be: the first of the readings is the one that was taken. */
export function othersOf([best, ...others]: readonly Reading[]): OtherReading[] {
  const graphOf = ({ graph }: Reading) => JSON.stringify([graph.nodes, graph.outputs]);
  const found = others.map((other): OtherReading => {
    const isSame = other.wrapper === best.wrapper && other.encoder.pixels === best.encoder.pixels;
    const differs = !isSame || graphOf(other) !== graphOf(best);
    const network = networkName(other.architecture);
    return { source: other.source.name, network, wrapper: other.wrapper, differs };
  });
  const isNew = (one: OtherReading, i: number) =>
    (one.differs || one.source !== best.source.name) &&
    found.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) === i;
  return found.filter(isNew);
}
