import { layouts } from './layout.ts';
import type { CheckpointSource, Rule } from './source.ts';

const same: readonly Rule[] = [
  [/^(.*)@\d+(.*)$/, '$1$2'],
  [/^.*$/, '$&'],
];

/** Our own names and axes: what `saveModel` writes. The conventions are in the model's `config.json`. */
export const own: CheckpointSource = {
  name: 'atrous',
  description: 'our own names and axes',
  signature: /^encoder\/entry_flow\/conv1\/kernel$/,
  layout: layouts.atrous,
  rules: { aligned: same, preactivation: same, chollet: same },
  conventions: {},
};
