import type { FamilyOptions, LayoutName, OutputStride, Rule } from '@atrous/graph';
import type { Head, NetworkOptions } from '../architecture.ts';
import type { PixelsName } from './pixels.ts';

/** How a source names the encoders of a family. */
export interface EncoderSource {
  /** A row of the family's `namings`; `own`: our own names. */
  readonly naming: string;
  /** What the source writes before the encoder's names, e.g. `backbone.`. */
  readonly prefix?: string;
  /** What its pictures are before they enter. */
  readonly pixels: PixelsName;
  /** The finest output stride that the source's code can build; a finer one that is asked for becomes this. @default 8 */
  readonly finestStride?: OutputStride;
  /** Of networks on this encoder, where it is not the source's. */
  readonly outputStride?: OutputStride;
  /** What this source's encoders differ in from their naming's conventions. */
  readonly options?: FamilyOptions;
}

/** A head of a source: its names, and what it must be built with. */
export interface HeadSource {
  readonly head: Head;
  /** A name that only this head has. Absent for classifiers, whose names are the families'. */
  readonly signature?: RegExp;
  readonly rules: readonly Rule[];
  /** Resize, epsilon, concat order, kinds of convolutions: what the same names would be wrong without. */
  readonly options?: Omit<NetworkOptions, 'encoder' | 'classes'>;
}

/** Whose weights these are: the naming of encoders and heads, and the conventions that their graphs must be built with. */
export interface CheckpointSource {
  readonly name: string;
  readonly description: string;
  readonly layout: LayoutName;
  /** By family, in the order in which they are tried. */
  readonly encoders: Readonly<Record<string, readonly EncoderSource[]>>;
  readonly heads: readonly HeadSource[];
  /** Weights that mean nothing for inference, without the wrapper's prefix. */
  readonly ignore?: RegExp;
  /** Of its networks, where it is not our own default. */
  readonly outputStride?: OutputStride;
}
