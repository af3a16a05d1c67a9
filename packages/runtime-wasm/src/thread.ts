import { AtrousError, allocate, type Tensor, tensor } from '@atrous/tensor';
import { nextTurn } from '@atrous/tensor/turns';
import { execute } from './execute.ts';
import { fastestForm, formBytes } from './forms.ts';
import { growMemory, instantiate, largestPages, page } from './instance.ts';
import { type Kernels, padded } from './kernels.ts';
import { labelMapEnd, wasmLabelMap } from './labels.ts';
import { keepPacked, restorePacked } from './packed_files.ts';
import type { Plan, Slot } from './plan/plan.ts';
import {
  type AbortNotice,
  type Answer,
  type Finished,
  type Reply,
  type Request,
  control as word,
} from './protocol.ts';
import type { Part } from './share.ts';

/** How long a thread spins before it sleeps: about what it takes to wake one, so that no wait is more than twice as long as it must be. */
const spinMilliseconds = 0.05;

type Start = Extract<Request, { kind: 'start' }>;

/** How finely a thread without shared memory cuts its work, to let messages in. */
export interface Slices {
  /** How long it works before it looks for them. */
  readonly sliceMilliseconds: number;
  /** How much work is one piece. @default as the plan says */
  readonly sliceMultiplyAdds?: number;
}

/** What a worker does, wherever it runs: it gets requests and gives replies. */
export function threadHandler(
  post: (reply: Reply, transfer: ArrayBuffer[]) => void,
  slices: Slices = { sliceMilliseconds: 10 },
): (message: Request | AbortNotice) => void {
  let state: ThreadState | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const pause = pauses(slices.sliceMilliseconds);

  const answer = async (request: Request): Promise<Answer> => {
    if (request.kind === 'start') {
      state = await start(request);
      return null;
    }
    if (!state) throw new AtrousError('runtime', 'the thread was not started');
    switch (request.kind) {
      case 'write':
        grow(state.memory, request.offset + request.data.byteLength, state.isShared);
        writeNumbers(state.memory, request.offset, request.data);
        await pause();
        return null;
      case 'restore': {
        grow(state.memory, request.file.offset + request.file.bytes, state.isShared);
        const note = await restorePacked(state, request.file);
        return note ? { note } : null;
      }
      case 'keep':
        keepPacked(state, request.file, request.note).catch(() => {}); // the next visit packs again
        return null;
      case 'plan':
        grow(state.memory, request.plan.memoryBytes, state.isShared);
        state.plans.set(request.key, request.plan);
        return null;
      case 'forget':
        state.plans.delete(request.key);
        return null;
      case 'labels': {
        const { logits, options, region, begin } = request;
        grow(state.memory, labelMapEnd(logits, options, region, begin), state.isShared);
        const rows = wasmLabelMap(state.kernels, state.memory.buffer, logits, options, region, begin);
        for (;;) {
          const { done, value } = rows.next();
          if (done) return value;
          if (!state.isShared) await pause();
        }
      }
      case 'form':
        return fastestForm(await kernelsApart(state), request.build, request.precision);
      case 'peak':
        return measurePeak(state.kernels, request.rounds);
      case 'run':
        return run(state, request, slices);
    }
  };

  return (message) => {
    if (message.kind === 'abort') {
      if (state) state.control[word.abort] = 1;
      return;
    }
    turn = turn
      .then(() => answer(message))
      .then(
        (value) => {
          post({ id: message.id, value }, buffersOf(value));
        },
        (error) => {
          const code = error instanceof AtrousError ? error.code : 'runtime';
          post({ id: message.id, error: { code, message: String(error?.message ?? error) } }, []);
        },
      );
  };
}

/** Lets all else have its turn where some time has passed since it last had one. */
function pauses(milliseconds: number): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < milliseconds) return;
    await nextTurn();
    since = performance.now();
  };
}

/** What need not be copied. */
function buffersOf(answer: Answer): ArrayBuffer[] {
  if (answer === null || typeof answer !== 'object') return [];
  if ('note' in answer) return [];
  const arrays =
    'labels' in answer
      ? [answer.labels.data, ...(answer.confidence ? [answer.confidence] : [])]
      : Object.values(answer.outputs ?? {}).map(({ data }) => data);
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}

interface ThreadState {
  readonly module: WebAssembly.Module;
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  readonly isShared: boolean;
  readonly control: Int32Array;
  readonly thread: number;
  readonly threads: number;
  readonly plans: Map<string, Plan>;
}

async function start({ module, memory: given, control, thread, threads }: Start): Promise<ThreadState> {
  const memory = given ?? new WebAssembly.Memory({ initial: 1, maximum: largestPages });
  const kernels = await instantiate(module, memory);
  const isShared = given !== undefined;
  return { module, kernels, memory, isShared, control, thread, threads, plans: new Map() };
}

/** The same code over a small memory of its own, for measurements while weights are written. */
function kernelsApart({ module, isShared }: ThreadState): Promise<Kernels> {
  const pages = Math.ceil(formBytes / page);
  return instantiate(module, new WebAssembly.Memory({ initial: pages, maximum: pages, shared: isShared }));
}

/** Puts numbers into a memory that is large enough. */
export function writeNumbers(
  { buffer }: WebAssembly.Memory,
  offset: number,
  data: Float32Array | Int8Array,
): void {
  new Uint8Array(buffer, offset, data.byteLength).set(
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
}

/** Grows a memory of our own; a shared one has been grown by the session. */
function grow(memory: WebAssembly.Memory, bytes: number, isShared: boolean): void {
  if (!isShared) growMemory(memory, bytes);
}

async function run(
  state: ThreadState,
  request: Extract<Request, { kind: 'run' }>,
  { sliceMilliseconds, sliceMultiplyAdds }: Slices,
): Promise<Finished> {
  const { kernels, memory, control, thread, threads } = state;
  const plan = state.plans.get(request.key);
  if (!plan) throw new AtrousError('runtime', `no plan for ${request.key}`);
  const scratch = plan.scratch.offset + thread * plan.scratch.bytesPerThread;
  const claimed = control.subarray(word.claimed);
  const part: Part = { thread, threads, scratch, forms: plan.forms, claimed, sliceMultiplyAdds };
  if (!state.isShared) control[word.abort] = 0; // the session does it where the block is shared
  let failure: unknown;
  /** A thread that fails still meets the others at the barrier, or they would wait forever. */
  const guarded = (error: unknown) => {
    failure ??= error;
    Atomics.store(control, word.abort, 1);
  };
  if (request.feeds) {
    try {
      for (const { offset, data } of plan.constants)
        new Uint8Array(memory.buffer, offset, data.byteLength).set(data);
      for (const [name, feed] of Object.entries(request.feeds)) writeFeed(memory, plan.feeds[name], feed);
    } catch (error) {
      guarded(error);
    }
  }
  const times: number[] = [];
  let isStopped = barrier(control, threads);
  let since = performance.now();
  for (const step of plan.steps) {
    if (isStopped) break;
    const began = request.profile ? performance.now() : 0;
    try {
      for (const _slice of execute(kernels, step, part)) {
        if (Atomics.load(control, word.abort) !== 0) break;
        if (state.isShared || performance.now() - since < sliceMilliseconds) continue;
        await nextTurn();
        since = performance.now();
      }
    } catch (error) {
      guarded(error);
    }
    isStopped = barrier(control, threads);
    if (request.profile) times.push(performance.now() - began);
  }
  if (failure) throw failure;
  if (isStopped || !request.feeds) return { stopped: isStopped };
  const outputs = Object.entries(plan.outputs).map(
    ([name, slot]) => [name, readOutput(memory, slot)] as const,
  );
  return { stopped: false, outputs: Object.fromEntries(outputs), ...(request.profile && { times }) };
}

/** Waits for all threads; true where the run is to end, which the last to arrive decides for all. */
function barrier(control: Int32Array, threads: number): boolean {
  const generation = Atomics.load(control, word.generation);
  if (Atomics.add(control, word.arrived, 1) === threads - 1) {
    Atomics.store(control, word.arrived, 0);
    Atomics.store(control, word.stopped, Atomics.load(control, word.abort));
    for (let thread = 0; thread < threads; thread++) Atomics.store(control, word.claimed + thread, 0);
    Atomics.add(control, word.generation, 1);
    if (threads > 1) Atomics.notify(control, word.generation);
  } else {
    const spinUntil = performance.now() + spinMilliseconds;
    while (Atomics.load(control, word.generation) === generation) {
      if (performance.now() > spinUntil) Atomics.wait(control, word.generation, generation);
    }
  }
  return Atomics.load(control, word.stopped) !== 0;
}

export function writeFeed(memory: WebAssembly.Memory, { view, shape }: Slot, feed: Tensor): void {
  const channels = shape[shape.length - 1];
  const stride = padded(channels);
  const pixels = feed.data.length / channels;
  const to = new Float32Array(memory.buffer, view.offset, pixels * stride);
  if (stride === channels) {
    to.set(feed.data);
    return;
  }
  to.fill(0);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let c = 0; c < channels; c++) to[pixel * stride + c] = feed.data[pixel * channels + c];
  }
}

function readOutput(memory: WebAssembly.Memory, { view, dtype, shape }: Slot): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const data = allocate(dtype, size);
  if (dtype === 'uint8') data.set(new Uint8Array(memory.buffer, view.offset, size));
  else if (dtype === 'int32') data.set(new Int32Array(memory.buffer, view.offset, size));
  else {
    const channels = shape[shape.length - 1];
    const stride = view.stride / 4;
    const from = new Float32Array(memory.buffer, view.offset, (size / channels - 1) * stride + channels);
    for (let to = 0, at = 0; to < size; to += channels, at += stride) {
      for (let c = 0; c < channels; c++) data[to + c] = from[at + c];
    }
  }
  return tensor(dtype, shape, data);
}

/** Billions of operations per second of a loop in registers: the most that this thread can reach. */
function measurePeak(kernels: Kernels, rounds: number): number {
  for (let i = 0; i < 2000; i++) kernels.peak(1000, 0.999, 0.001);
  const began = performance.now();
  for (let i = 0; i < rounds; i++) kernels.peak(10_000, 0.999, 0.001);
  return (rounds * 10_000 * 80) / (performance.now() - began) / 1e6;
}
