import type { Tensor } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { openCheckpoint } from '../open.ts';
import { readAll } from '../safetensors.ts';
import { watched } from '../test_checkpoints.ts';
import { fixture } from '../test_fixtures.ts';

const open = (name: string) => openCheckpoint(fixture(name));
const read = async (name: string) => readAll(await open(name));
const numbers = async (name: string, weight: string) => [...(await (await open(name)).read(weight)).data];

test.each([
  'torch_zip.pth',
  ...[3, 4, 5].map((protocol) => `torch_zip_${protocol}.pth`),
  'torch_legacy.pth',
  ...[3, 4, 5].map((protocol) => `torch_legacy_${protocol}.pth`),
  'torch_big_endian.pth',
  'torch_deflated.pth',
])('%s gives the tensors that were saved', async (name) => {
  expect(await read(name)).toEqual(await read('torch.safetensors'));
});

test.each(['torch_views.pth', 'torch_views_legacy.pth'])(
  '%s: elements of transposed, repeated and shared tensors are gathered in their order',
  async (name) => {
    expect(await read(name)).toEqual(await read('torch_views.safetensors'));
  },
);

test('every dtype becomes what it becomes in safetensors', async () => {
  expect(await read('torch_kinds.pth')).toEqual(await read('torch_kinds.safetensors'));
});

test('what older versions wrote is read', async () => {
  expect(await numbers('torch_old.pth', 'old')).toEqual([1, 2]);
  expect(await numbers('torch_legacy_part.pth', 'part')).toEqual([3, 4]);
});

test('TorchScript gives the names of a state dict, and no flags of its modules', async () => {
  const { names, metadata } = await open('torch_script.pt');
  const sound = await open('torch.safetensors');
  expect([...names].sort()).toEqual([...sound.names, 'norm.num_batches_tracked'].sort());
  expect(metadata).toEqual({});
  expect(await numbers('torch_script.pt', 'head.weight')).toEqual([
    ...(await sound.read('head.weight')).data,
  ]);
});

test.each(['torch_training.pth', 'torch_training_legacy.pth'])(
  '%s: what training saved is found below its keys, with its settings as text',
  async (name) => {
    const checkpoint = await open(name);
    expect(checkpoint.metadata).toEqual({
      epoch: '12',
      best: '0.75',
      name: 'tiny',
      version: '2.0',
      amp: 'true',
      seed: '1152921504606846976',
      'args.lr': '0.5',
      'args.classes': '5',
      'args.path': 'runs/1',
      'layout.device': 'cpu',
    });
    const saved = await readAll(checkpoint);
    for (const [weight, expected] of Object.entries(await read('torch.safetensors')))
      expect(saved[`state_dict.${weight}`], weight).toEqual(expected);
    expect(saved['optimizer.state.0.exp_avg'].shape).toEqual([4, 3, 3, 3]);
    expect([...saved['parameters.marked'].data]).toEqual([1, 1]);
    expect([...saved['parameters.tagged'].data]).toEqual([1, 1, 1]);
  },
);

test('what cannot be read has a name and a shape, and says why', async () => {
  const checkpoint = await open('torch_unreadable.pth');
  const why = async (name: string) => checkpoint.read(name).catch((error: Error) => error.message);
  expect(await why('complex')).toContain('complex is of the dtype complex64, which cannot be read');
  expect(await why('sparse')).toContain('sparse is a sparse tensor, which cannot be read');
  expect(await why('quantised')).toContain('quantised is a quantised tensor');
  expect(await why('meta')).toContain('meta is a tensor without data');
  expect(await why('negated')).toContain('negated is a tensor with a negation that is still to be done');
  expect(await why('too_large')).toContain('too_large: integer 1099511627776 does not fit into int32');
  await expect(checkpoint.read('sparse')).rejects.toMatchObject({ code: 'unsupported' });
  await expect(checkpoint.read('other')).rejects.toMatchObject({ code: 'weights' });
  expect(checkpoint.spec('sparse')).toEqual({ dtype: 'float32', shape: [3, 3] });
  expect(checkpoint.spec('meta').shape).toEqual([2, 3]);
  expect([...(await checkpoint.read('sound')).data]).toEqual([1, 1]);
});

test.each([
  ['torch_evil_system.pth', 'asks for posix.system'],
  ['torch_evil_legacy.pth', 'asks for posix.system'],
  ['torch_evil_eval.pth', 'asks for builtins.eval'],
  ['torch_evil_nesting.pth', 'nested deeper than 64 levels'],
  ['torch_evil_memo.pth', 'more than 100000 tensors'],
  ['torch_evil_memo_empty.pth', 'holds no tensors'],
  ['torch_evil_copies.pth', 'more than 8000000 steps'],
  ['torch_evil_length.pth', 'the pickle ends early'],
  ['torch_evil_integer.pth', 'an integer of 10000 bytes'],
  ['torch_module.pth', 'asks for __main__.Net'],
  ['torch_one.pth', 'one tensor without a name'],
])('%s is refused: %s', async (name, why) => {
  await expect(open(name)).rejects.toMatchObject({
    name: 'AtrousError',
    code: 'format',
    message: expect.stringMatching(`^${name}: not a sound PyTorch file: .*${why}`),
  });
});

test.each(['torch_zip.pth', 'torch_legacy.pth'])('%s: a tensor is read without the others', async (name) => {
  const { bytes, fetched } = watched(fixture(name));
  const checkpoint = await openCheckpoint(bytes);
  const before = fetched();
  const { data }: Tensor = await checkpoint.read('head.bias');
  expect(fetched() - before).toBeLessThanOrEqual(data.byteLength + 30); // and the entry's local header
});

test("what is read is the caller's", async () => {
  for (const name of ['torch_zip.pth', 'torch_legacy.pth', 'torch_deflated.pth', 'torch_views.pth']) {
    const checkpoint = await open(name);
    const [weight] = checkpoint.names;
    const first = await checkpoint.read(weight);
    const before = first.data.slice();
    first.data.fill(99);
    expect((await checkpoint.read(weight)).data).toEqual(before);
  }
});
