import type { OptionRule } from '@atrous/graph';

// Options that several families have.

export const epsilonRule: OptionRule = {
  kind: 'number',
  min: 1e-12,
  max: 1,
  reason: 'published batch norms have 1e-5 to 1e-3',
};

export const widthMultiplierRule: OptionRule = {
  kind: 'number',
  min: 1 / 64,
  max: 8,
  reason: 'a multiple of the published widths',
};

export const channelDivisorRule: OptionRule = {
  kind: 'number',
  min: 1,
  max: 256,
  whole: true,
  reason: 'widths are rounded to multiples of 8 or 16',
};

export const multiGridRule: OptionRule = {
  kind: 'list',
  most: 8,
  of: {
    kind: 'number',
    min: 1,
    max: 256,
    whole: true,
    reason: 'an atrous rate beyond the feature map reads padding only',
  },
};
