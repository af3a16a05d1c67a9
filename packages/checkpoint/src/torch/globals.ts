import { brief } from '../brief.ts';
import type { Fail } from '../fail.ts';
import { plainGlobals } from '../pickle/globals.ts';
import { PickleGlobal, PickleRecord } from '../pickle/values.ts';
import { storageClasses, torchDTypes } from './dtypes.ts';
import { makeTensor, mostAxes, readCounts, TorchTensor, UnreadableTensor } from './tensors.ts';

type Make = (args: readonly unknown[], fail: Fail) => unknown;

const first: Make = ([value]) => value;
const unreadable =
  (what: string, sizeAt: number): Make =>
  (args, fail) =>
    new UnreadableTensor(readCounts(args[sizeAt], 'shape', fail), what);

/** A parameter is its tensor. */
const parameter: Make = ([data], fail) =>
  data instanceof TorchTensor || data instanceof UnreadableTensor
    ? data
    : fail(`a parameter is made of ${brief(data)}, expected a tensor`);

/** A tensor; one that still has to be negated or conjugated cannot be read. */
const plainTensor: Make = (args, fail) => {
  const made = makeTensor(args, fail);
  const flags = args[6] instanceof Map ? args[6] : new Map();
  const isPending = flags.get('neg') === true || flags.get('conj') === true;
  return isPending
    ? new UnreadableTensor(made.shape, 'a tensor with a negation that is still to be done')
    : made;
};

/** A tensor whose storage holds bytes alone, and that says its dtype itself. */
const tensorWithDType: Make = (args, fail) => {
  const dtype =
    args[6] instanceof PickleGlobal ? torchDTypes.get(args[6].name.replace('torch.', '')) : undefined;
  return makeTensor(
    args,
    fail,
    dtype ?? fail(`a tensor's dtype is ${brief(args[6])}, expected one of PyTorch's`),
  );
};

/** A tensor with attributes of its own, which are left out: what makes the plain one, and its arguments. */
const tensorWithState: Make = ([make, type, args], fail) => {
  const isPlain = type instanceof PickleGlobal && plainTensors.includes(type.name);
  const isRebuild = make instanceof PickleGlobal && make.name.startsWith('torch._utils._rebuild_');
  if (!isPlain || !isRebuild || !make.make || !Array.isArray(args))
    return fail(
      `a tensor of the class ${type instanceof PickleGlobal ? type.name : brief(type)} cannot be read`,
    );
  return make.make(args, fail);
};
const plainTensors = ['torch.Tensor', 'torch.nn.parameter.Parameter', 'torch.nn.parameter.Buffer'];

const sparse: Make = ([, parts], fail) =>
  unreadable('a sparse tensor', 0)([Array.isArray(parts) ? parts.find(isShape) : undefined], fail);
const isShape = (value: unknown) =>
  Array.isArray(value) && value.length <= mostAxes && value.every((item) => typeof item === 'number');

const makers: Readonly<Record<string, Make | undefined>> = {
  'torch._utils._rebuild_tensor': plainTensor,
  'torch._utils._rebuild_tensor_v2': plainTensor,
  'torch._utils._rebuild_tensor_v3': tensorWithDType,
  'torch._utils._rebuild_parameter': parameter,
  'torch._utils._rebuild_parameter_with_state': parameter,
  'torch._tensor._rebuild_from_type_v2': tensorWithState,
  'torch._utils._rebuild_qtensor': unreadable('a quantised tensor', 2),
  'torch._utils._rebuild_sparse_tensor': sparse,
  'torch._utils._rebuild_meta_tensor_no_storage': unreadable(
    'a tensor without data (of the device "meta")',
    1,
  ),
  'torch.serialization._get_layout': first,
  'torch.Size': ([size = []], fail) => readCounts(size, 'torch.Size', fail),
  'torch.device': first,
  'torch.torch_version.TorchVersion': first,
  'torch.jit._pickle.restore_type_tag': first,
  'torch.jit._pickle.build_intlist': first,
  'torch.jit._pickle.build_doublelist': first,
  'torch.jit._pickle.build_boollist': first,
  'torch.jit._pickle.build_tensorlist': first,
  'torch.jit._pickle.build_tensor_from_id': undefined,
};

const names = [
  ...plainTensors,
  ...storageClasses.keys(),
  ...[...torchDTypes.keys()].map((name) => `torch.${name}`),
  ...['per_tensor_affine', 'per_channel_affine', 'per_channel_affine_float_qparams'].map(
    (name) => `torch.${name}`,
  ),
  ...['contiguous_format', 'channels_last', 'preserve_format'].map((name) => `torch.${name}`),
];

const torchGlobals: ReadonlyMap<string, PickleGlobal> = new Map([
  ...plainGlobals,
  ...names.map((name): [string, PickleGlobal] => [name, new PickleGlobal(name)]),
  ...Object.entries(makers).map(([name, make]): [string, PickleGlobal] => [
    name,
    new PickleGlobal(name, make),
  ]),
]);

/** What a checkpoint of PyTorch may ask for. */
export const torchGlobal = (name: string): PickleGlobal | undefined => torchGlobals.get(name);

/** What TorchScript may ask for besides: its own modules, of which the attributes are kept. */
export const scriptGlobal = (name: string): PickleGlobal | undefined =>
  torchGlobal(name) ??
  (isScriptModule(name) ? new PickleGlobal(name, () => new PickleRecord(name)) : undefined);

/** True for the class of a TorchScript module. */
export const isScriptModule = (name: string): boolean => name.startsWith('__torch__.');
