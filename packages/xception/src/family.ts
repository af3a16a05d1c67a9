import type { EncoderFamily, OptionRules } from '@atrous/graph';
import { type XceptionOptions, xception } from './encoder.ts';
import { namings } from './namings.ts';
import { type VariantName, variants } from './variants.ts';

const paddingName = ['symmetric', 'same'] as const;

const options: OptionRules = {
  widthMultiplier: { kind: 'number', min: 1 / 64, max: 8, reason: 'a multiple of the published widths' },
  channelDivisor: {
    kind: 'number',
    min: 1,
    max: 256,
    whole: true,
    reason: 'widths are rounded to multiples of 8 or 16',
  },
  epsilon: { kind: 'number', min: 1e-12, max: 1, reason: 'published batch norms have 1e-5 to 1e-3' },
  padding: {
    kind: 'each-or-all',
    all: { kind: 'choice', of: paddingName },
    each: {
      stem: { kind: 'choice', of: [...paddingName, 'valid'] },
      pool: { kind: 'choice', of: paddingName },
    },
  },
  multiGrid: {
    kind: 'list',
    of: {
      kind: 'number',
      min: 1,
      max: 256,
      whole: true,
      reason: 'an atrous rate beyond the feature map reads padding only',
    },
    most: 8,
  },
  separableActivation: { kind: 'choice', of: ['none', 'relu', 'relu6', 'elu', 'hardswish', 'hardsigmoid'] },
  order: { kind: 'choice', of: ['depthwise-first', 'pointwise-first'] },
  residual: { kind: 'flag' },
  shortcuts: { kind: 'choice', of: ['nominal', 'effective'] },
  activatedShortcut: { kind: 'choice', of: ['none', 'identity', 'all'] },
  lastActivation: { kind: 'flag' },
  exitActivation: { kind: 'choice', of: ['before', 'after'] },
  dilates: { kind: 'record', of: { strided: { kind: 'flag' }, exit: { kind: 'flag' } } },
  lowLevel: { kind: 'text' },
  taps: { kind: 'choice', of: ['before', 'after'] },
};

/** Chollet's Xception and all its descendants. */
export const xceptionFamily: EncoderFamily = {
  name: 'xception',
  variants,
  options,
  build: (variant, given) => xception(variant as VariantName, given as XceptionOptions),
  blockOf: (layer) => /^(?:(?:entry|middle|exit)_flow|stage\d+)\/block\d+/.exec(layer)?.[0],
  namings,
};
