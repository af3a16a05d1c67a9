import { type DilatedWindow, type Padding, samePadding } from '@atrous/graph';
import { reach } from '@atrous/graph/lowering';
import type { Emitter } from './emitter.ts';

/** ONNX wants all beginnings, then all ends. */
function onnxPads([top, bottom, left, right]: Exclude<Padding, 'same'>): number[] {
  return [top, left, bottom, right];
}

/** Padding as numbers; undefined where it depends on a size that is free. A bound graph has numbers alone. */
function knownPads({ kernel, stride, dilation, padding }: DilatedWindow): number[] | undefined {
  if (padding !== 'same') return onnxPads(padding);
  if (stride.some((step) => step !== 1)) return undefined;
  const [y, x] = [0, 1].map((axis) =>
    samePadding(kernel[axis] * dilation[axis] + 1, kernel[axis], 1, dilation[axis]),
  );
  return onnxPads([...y, ...x] as [number, number, number, number]);
}

/**
 * The input of a window and the `pads` attribute of its node. Padding that depends on a free size becomes arithmetic on
 * the shape and a Pad node, whose output is the input then.
 * @param name the input before padding
 * @param fill what padded pixels hold
 * @param value the name under which nodes are added
 */
export function padded(
  emitter: Emitter,
  window: DilatedWindow,
  name: string,
  fill: number,
  value: string,
): { input: string; pads: number[] } {
  const known = knownPads(window);
  if (known) return { input: name, pads: known };
  const { kernel, stride, dilation } = window;
  // total = max((ceil(size / stride) − 1)·stride + reach − size, 0); the odd pixel goes to the end
  const at = (step: string) => `${value}/same/${step}`;
  const steps = emitter.int64(stride);
  const shape = emitter.node('Shape', [name], at('shape'));
  const size = emitter.node('Slice', [shape, emitter.int64([2]), emitter.int64([4])], at('size'));
  const raised = emitter.node('Add', [size, emitter.int64(stride.map((step) => step - 1))], at('raised'));
  const out = emitter.node('Div', [raised, steps], at('out'));
  const last = emitter.node(
    'Mul',
    [emitter.node('Sub', [out, emitter.int64([1, 1])], at('gaps')), steps],
    at('last'),
  );
  const reaches = emitter.int64([0, 1].map((axis) => reach(kernel[axis], dilation[axis])));
  const needed = emitter.node('Add', [last, reaches], at('needed'));
  const lacking = emitter.node('Sub', [needed, size], at('lacking'));
  const total = emitter.node('Max', [lacking, emitter.int64([0, 0])], at('total'));
  const before = emitter.node('Div', [total, emitter.int64([2, 2])], at('before'));
  const after = emitter.node('Sub', [total, before], at('after'));
  const none = emitter.int64([0, 0]);
  const pads = emitter.node('Concat', [none, before, none, after], at('pads'), { axis: 0 });
  const input = emitter.node('Pad', [name, pads, emitter.float(fill)], at('padded'), { mode: 'constant' });
  return { input, pads: [0, 0, 0, 0] };
}
