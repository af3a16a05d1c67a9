import type { Encoder } from './encoder.ts';
import type { ActivationFunction } from './ops/activation.ts';

/** What an option of a family may be, as data: whoever reads configurations checks them by it. */
export type OptionRule =
  | {
      readonly kind: 'number';
      readonly min: number;
      readonly max: number;
      readonly whole?: boolean;
      /** What the range comes from; it stands in the error. */
      readonly reason: string;
    }
  | { readonly kind: 'choice'; readonly of: readonly (string | number)[] }
  | { readonly kind: 'flag' }
  /** A name. */
  | { readonly kind: 'text' }
  | { readonly kind: 'list'; readonly of: OptionRule; readonly most: number }
  /** An object with these keys, each of which may be left out. */
  | { readonly kind: 'record'; readonly of: OptionRules }
  /** One value for all parts, or an object that names parts. */
  | { readonly kind: 'each-or-all'; readonly all: OptionRule; readonly each: OptionRules };

export type OptionRules = Readonly<Record<string, OptionRule>>;

/** Options of a family, checked by its rules. */
export type FamilyOptions = Readonly<Record<string, unknown>>;

/** What implementations do differently at the end of one network. */
export interface ClassifierConventions {
  /**
   * What the map of a `convolutional` head is pooled to before the first convolution:
   * - `to`: exactly its kernel's size (torchvision)
   * - `up-to`: each axis that is shorter than the kernel; over a longer one the kernel slides (timm)
   * @default 'to'
   */
  readonly pools?: 'to' | 'up-to';
}

/** How a network ends that names what a picture shows. */
export interface ClassifierShape extends ClassifierConventions {
  /**
   * - `pooled`: global average pooling, then dense layers
   * - `convolutional`: dense layers as convolutions over the map, then pooling, then the last dense layer (VGG)
   * - `class-maps`: a convolution to a map per class, then global average pooling (the small Xceptions)
   */
  readonly kind: 'pooled' | 'convolutional' | 'class-maps';
  /** Units of the layers before the last one. @default none */
  readonly hidden?: readonly number[];
  /** After each hidden layer. @default 'relu' */
  readonly activation?: ActivationFunction;
  /** Several answers in place of class logits: their names and units. */
  readonly outputs?: Readonly<Record<string, number>>;
  /** Side of the first convolution of a `convolutional` head, or of the one to `class-maps`. @default 1 */
  readonly kernel?: number;
}

/** What is known of a variant besides its layers. */
export interface FamilyVariant {
  /** Side of the pictures that the classifier was trained on. */
  readonly inputSize: number;
  readonly classifier: ClassifierShape;
  /** Channels of the picture. @default 3 */
  readonly channels?: 1 | 3;
}

/**
 * One renaming: a pattern on our layer's name (`encoder/…` or `head…`), and theirs. Blocks carry their index in the network as
 * `@n`, e.g. `encoder/middle_flow/block1@3/conv2/depthwise/batch_norm`. `a|b` names alternatives, tried in order. The
 * first rule that matches counts. A pattern that ends in a leaf (`…/conv1/kernel`) names one weight; one that ends in a layer
 * names all of its weights, whose leaves follow in the layout's words, or stand in the place of a `%`.
 */
export type Rule = readonly [pattern: RegExp, theirs: string | ((...groups: string[]) => string)];

/** How frameworks write weights down: leaf names, separators, axes. */
export type LayoutName = 'atrous' | 'onnx' | 'pytorch' | 'keras' | 'tensorflow';

/** How some code names a family's weights, and what its networks must be built with. */
export interface Naming {
  readonly layout: LayoutName;
  /** The variants that are named so. @default all */
  readonly variants?: readonly string[];
  /** A name (without the source's prefix) that only weights of this naming have. */
  readonly signature: RegExp;
  readonly rules: (variant: string) => readonly Rule[];
  /** Leaves that this code leaves out, and what stands in their place, e.g. `{ gamma: 1 }`. */
  readonly defaults?: Readonly<Record<string, number>>;
  /** Options that the same names would be wrong without: padding, epsilons, order. */
  readonly conventions?: FamilyOptions;
  /** The same of the classifier. */
  readonly classifier?: ClassifierConventions;
}

/**
 * A family of encoders: all that anybody outside its folder needs to know of it.
 */
export interface EncoderFamily {
  readonly name: string;
  readonly variants: Readonly<Record<string, FamilyVariant>>;
  /** Of `build`. */
  readonly options: OptionRules;
  /** @throws AtrousError `input` for an unknown variant or options that do not fit */
  build(variant: string, options?: FamilyOptions): Encoder;
  /** The block that a layer is of (its name without `encoder/`): where fine-tuning may cut. Undefined for the stem. */
  blockOf(layer: string): string | undefined;
  /** By whose code: `timm`, `torchvision`, `keras`, … */
  readonly namings: Readonly<Record<string, Naming>>;
}
