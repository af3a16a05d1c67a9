import { clip } from '@atrous/checkpoint';
import { type AsppOptions, type DecoderOptions, deeplabV3, deeplabV3Plus } from '@atrous/deeplab';
import type { ClassifierConventions, EncoderFamily, FamilyOptions, Graph, OutputStride } from '@atrous/graph';
import { classifier, encoderGraph } from '@atrous/heads';
import { AtrousError, type ResizeConvention } from '@atrous/tensor';
import * as v from 'valibot';
import { architectureSchema } from './architecture_schema.ts';
import { loadFamilies } from './families.ts';
import { nearestName } from './nearest_name.ts';
import { issueLines } from './schema_parts.ts';

export type Head = 'classifier' | 'deeplabv3' | 'deeplabv3plus';

/** A network as a row of choices: what `config.json` holds under `architecture`. */
export interface Architecture {
  readonly head: Head;
  readonly encoder: {
    /** e.g. `xception` */
    readonly family: string;
    /** e.g. `xception65` */
    readonly variant: string;
    /** Of the family, e.g. `{ widthMultiplier: 0.5 }`. */
    readonly options?: FamilyOptions;
  };
  /** 0 leaves the last layer out: `features`, `aspp` or `decoder` come out then. @default 1000 for a classifier, 21 with a DeepLab head */
  readonly classes?: number;
  /** @default 32 for a classifier, 16 with a DeepLab head */
  readonly outputStride?: OutputStride;
  /** What differs at the end of a classifier between implementations. */
  readonly classifier?: ClassifierConventions;
  /** @default align-corners */
  readonly resize?: ResizeConvention;
  /** Batch norm epsilon of ASPP and decoder. @default 1e-5 */
  readonly epsilon?: number;
  readonly aspp?: Partial<Omit<AsppOptions, 'resize' | 'epsilon'>>;
  /** The low-level parts are V3+'s. */
  readonly decoder?: Partial<Omit<DecoderOptions, 'resize' | 'epsilon'>>;
}

/** What may differ between networks of one name. */
export type NetworkOptions = Omit<Architecture, 'head' | 'encoder'> & {
  /** Options of the encoder's family. */
  readonly encoder?: FamilyOptions;
};

const heads: Readonly<Record<string, Head>> = {
  'deeplabv3plus-': 'deeplabv3plus',
  'deeplabv3-': 'deeplabv3',
  '': 'classifier',
};

const variantNames = (among: readonly EncoderFamily[]): readonly string[] =>
  among.flatMap(({ variants }) => Object.keys(variants));

/** Every name that `network` knows of some families: the encoders with their classifier, and with each DeepLab head. */
export const networkNames = (among: readonly EncoderFamily[]): readonly string[] =>
  Object.keys(heads)
    .toReversed()
    .flatMap((prefix) => variantNames(among).map((variant) => prefix + variant));

/** Takes a name like `deeplabv3plus-xception65` apart. @throws AtrousError `input` that lists the names */
export function parseNetworkName(
  name: string,
  among: readonly EncoderFamily[],
): { readonly head: Head; readonly family: EncoderFamily; readonly variant: string } {
  for (const [prefix, head] of Object.entries(heads)) {
    if (!name.startsWith(prefix)) continue;
    const variant = name.slice(prefix.length);
    const family = among.find(({ variants }) => Object.hasOwn(variants, variant));
    if (family) return { head, family, variant };
  }
  const nearest = nearestName(name, networkNames(among));
  throw new AtrousError(
    'input',
    `unknown network "${clip(name)}"${nearest ? `; did you mean ${nearest}?` : ''}: expected one of ${variantNames(among).join(', ')}, alone or after deeplabv3- or deeplabv3plus-`,
  );
}

/** The name of an architecture's network. */
export function networkName({ head, encoder }: Pick<Architecture, 'head' | 'encoder'>): string {
  return head === 'classifier' ? encoder.variant : `${head}-${encoder.variant}`;
}

/** The output stride that a network has unless told otherwise. */
export function outputStrideOf({ head, outputStride }: Architecture): OutputStride {
  return outputStride ?? (head === 'classifier' ? 32 : 16);
}

/** How many classes a network has unless told otherwise. */
export function classesOf({ head, classes }: Architecture): number {
  return classes ?? (head === 'classifier' ? 1000 : 21);
}

/**
 * A network of one family by name.
 * @example network(xceptionFamily, 'deeplabv3plus-xception65', { classes: 21, outputStride: 16 })
 */
export function network(family: EncoderFamily, name: string, options: NetworkOptions = {}): Graph {
  return buildNetwork(family, namedArchitecture(name, [family], options));
}

/** A name and what differs from its defaults, as an architecture. */
export function namedArchitecture(
  name: string,
  among: readonly EncoderFamily[],
  { encoder: options, ...rest }: NetworkOptions = {},
): Architecture {
  const { head, family, variant } = parseNetworkName(name, among);
  return { ...rest, head, encoder: { family: family.name, variant, ...(options && { options }) } };
}

/** A network by name, its family loaded. @throws AtrousError `input` */
export async function findNetwork(name: string, options: NetworkOptions = {}): Promise<FoundNetwork> {
  const among = await loadFamilies();
  const architecture = namedArchitecture(name, among, options);
  const family = among.find((one) => one.name === architecture.encoder.family)!;
  return { architecture, family, graph: buildNetwork(family, architecture) };
}

/** A network, what it is and whose. */
export interface FoundNetwork {
  readonly architecture: Architecture;
  readonly family: EncoderFamily;
  readonly graph: Graph;
}

/** The graph of an architecture. @throws AtrousError `input` for options that are out of bounds or do not fit */
export function buildNetwork(family: EncoderFamily, architecture: Architecture): Graph {
  const { issues } = v.safeParse(architectureSchema(family), architecture);
  if (issues) {
    const lines = issueLines(issues, 'architecture');
    throw new AtrousError('input', `a network that cannot be built: ${lines.join('; ')}`);
  }
  const { head, encoder: chosen, resize, epsilon, aspp, decoder } = architecture;
  const outputStride = outputStrideOf(architecture);
  const classes = classesOf(architecture);
  const { classifier: row, channels } = family.variants[chosen.variant];
  const encoder = family.build(chosen.variant, chosen.options);
  if (head === 'classifier') {
    return classes === 0
      ? encoderGraph(encoder, { outputStride, channels })
      : classifier(encoder, {
          classes,
          outputStride,
          shape: { ...row, ...architecture.classifier },
          channels,
        });
  }
  const options = { classes, outputStride, channels, resize, epsilon, aspp, decoder };
  return head === 'deeplabv3' ? deeplabV3(encoder, options) : deeplabV3Plus(encoder, options);
}
