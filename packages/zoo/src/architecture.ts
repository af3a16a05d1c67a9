import {
  type AsppBranch,
  asppConcat,
  type DeepLabPlusOptions,
  deeplabV3,
  deeplabV3Plus,
} from '@atrous/deeplab';
import type { ActivationFunction, Graph, OutputStride } from '@atrous/graph';
import { AtrousError, type ResizeConvention, unknownName } from '@atrous/tensor';
import {
  classifier,
  encoderGraph,
  type VariantName,
  variantNames,
  type XceptionPadding,
  xception,
} from '@atrous/xception';
import * as v from 'valibot';
import { architectureSchema } from './architecture_schema.ts';
import { issueLines } from './schema_parts.ts';

export type Head = 'classifier' | 'deeplabv3' | 'deeplabv3plus';

/** A network as a row of choices: what `config.json` holds under `architecture`. */
export interface Architecture {
  readonly head: Head;
  readonly encoder: VariantName;
  /** 0 leaves the last layer out: `features`, `aspp` or `decoder` come out then. @default 1000 for a classifier, 21 with a DeepLab head */
  readonly classes?: number;
  /** @default 32 for a classifier, 16 with a DeepLab head */
  readonly outputStride?: OutputStride;
  /** @default 1 */
  readonly widthMultiplier?: number;
  /** @default 8 */
  readonly channelDivisor?: number;
  /** One convention for stem and pools, or one for each. @default the variant's */
  readonly padding?: XceptionPadding['pool'] | Partial<XceptionPadding>;
  /** One epsilon for all batch norms, or one for the encoder and one for ASPP and decoder. @default the variant's, and 1e-5 */
  readonly batchNormEpsilon?: number | { readonly encoder?: number; readonly head?: number };
  /** @default 'none' */
  readonly separableActivation?: ActivationFunction | 'none';
  /** @default true */
  readonly residual?: boolean;
  readonly multiGrid?: readonly number[];
  /** @default align-corners */
  readonly resize?: ResizeConvention;
  readonly aspp?: {
    readonly rates?: readonly number[];
    readonly channels?: number;
    readonly concat?: readonly AsppBranch[];
    readonly separable?: boolean;
  };
  readonly decoder?: DeepLabPlusOptions['decoder'];
}

export type ArchitectureOptions = Omit<Architecture, 'head' | 'encoder'>;

const heads: Readonly<Record<string, Head>> = {
  'deeplabv3plus-': 'deeplabv3plus',
  'deeplabv3-': 'deeplabv3',
  '': 'classifier',
};

/** Every name that `network` knows: the encoders with their classifier, and with each DeepLab head. */
export const networkNames: readonly string[] = Object.keys(heads)
  .toReversed()
  .flatMap((prefix) => variantNames.map((encoder) => prefix + encoder));

/** Takes a name like `deeplabv3plus-xception65` apart. @throws AtrousError `input` that lists the names */
export function parseNetworkName(name: string): Pick<Architecture, 'head' | 'encoder'> {
  for (const [prefix, head] of Object.entries(heads)) {
    const encoder = variantNames.find((variant) => prefix + variant === name);
    if (encoder) return { head, encoder };
  }
  throw unknownName('network', name, networkNames);
}

/** The name of an architecture's network. */
export function networkName({ head, encoder }: Pick<Architecture, 'head' | 'encoder'>): string {
  return head === 'classifier' ? encoder : `${head}-${encoder}`;
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
 * A network by name.
 * @example network('deeplabv3plus-xception65', { classes: 21, outputStride: 16 })
 */
export function network(name: string, options: ArchitectureOptions = {}): Graph {
  return buildNetwork({ ...options, ...parseNetworkName(name) });
}

/** The graph of an architecture. @throws AtrousError `input` for options that are out of bounds or do not fit */
export function buildNetwork(architecture: Architecture): Graph {
  const { issues } = v.safeParse(architectureSchema, architecture);
  if (issues) {
    const lines = issueLines(issues, 'architecture');
    throw new AtrousError('input', `a network that cannot be built: ${lines.join('; ')}`);
  }
  const { head, encoder: variant, padding, batchNormEpsilon: epsilon } = architecture;
  const outputStride = outputStrideOf(architecture);
  const classes = classesOf(architecture);
  const encoder = xception(variant, {
    widthMultiplier: architecture.widthMultiplier,
    channelDivisor: architecture.channelDivisor,
    epsilon: typeof epsilon === 'object' ? epsilon.encoder : epsilon,
    padding: typeof padding === 'string' ? { stem: padding, pool: padding } : padding,
    multiGrid: architecture.multiGrid,
    separableActivation: architecture.separableActivation,
    residual: architecture.residual,
  });
  if (head === 'classifier') {
    return classes === 0
      ? encoderGraph(encoder, { outputStride })
      : classifier(encoder, { classes, outputStride });
  }
  const options = {
    classes,
    outputStride,
    resize: architecture.resize,
    epsilon: typeof epsilon === 'object' ? epsilon.head : epsilon,
    aspp: { concat: asppConcat, ...architecture.aspp },
  };
  return head === 'deeplabv3'
    ? deeplabV3(encoder, options)
    : deeplabV3Plus(encoder, { ...options, decoder: architecture.decoder });
}
