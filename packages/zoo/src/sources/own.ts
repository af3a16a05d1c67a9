import type { Naming } from '@atrous/graph';
import type { CheckpointSource } from './source.ts';

const same: Naming['rules'] = () => [
  [/^(.*)@\d+(.*)$/, '$1$2'],
  [/^.*$/, '$&'],
];

/** Our own names: those of every family. */
export const ownNaming: Naming = { layout: 'atrous', signature: /^encoder\/.*\/kernel$/, rules: same };

/** Our own names in the axes of ONNX files. */
export const ownOnnxNaming: Naming = { ...ownNaming, layout: 'onnx' };

/** Our own names and axes: what `saveModel` writes. The conventions are in the model's `config.json`. */
export const own: CheckpointSource = {
  name: 'atrous',
  description: 'our own names and axes',
  layout: 'atrous',
  encoders: {},
  heads: [
    { head: 'deeplabv3plus', signature: /^decoder\/low_level\/kernel$/, rules: same('') },
    { head: 'deeplabv3', signature: /^aspp\/projection\/kernel$/, rules: same('') },
    { head: 'classifier', rules: [] },
  ],
};
