import { Worker } from 'node:worker_threads';
import { oneByOne } from '@atrous/tensor/turns';
import type { InferenceSession } from 'onnxruntime-common';
import {
  type NativeReply,
  type NativeRequest,
  type PostedTensor,
  type PostedTensors,
  packageName,
} from './native_protocol.ts';
import type { Ort } from './session.ts';

type Ask<R> = R extends unknown ? Omit<R, 'id'> : never;

/** A worker thread with a session; a process does not stay alive for it unless it is asked something. */
function startThread() {
  const worker = new Worker(new URL('./worker_native.ts', import.meta.url), { workerData: { packageName } });
  worker.unref();
  const waiting = new Map<
    number,
    { resolve(value: PostedTensors | undefined): void; reject(error: Error): void }
  >();
  let nextId = 0;
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };
  worker.on('message', (reply: NativeReply) => {
    const waiter = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) worker.unref();
    if ('error' in reply) waiter?.reject(new Error(reply.error));
    else waiter?.resolve(reply.value);
  });
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => fail(new Error('its thread ended')));
  const inTurn = oneByOne();
  const thread = {
    /** How many runs it has before it. */
    load: 0,
    ask(request: Ask<NativeRequest>): Promise<PostedTensors | undefined> {
      return new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        worker.ref();
        worker.postMessage({ ...request, id });
      });
    },
    async run(feeds: PostedTensors): Promise<PostedTensors> {
      thread.load++;
      try {
        return (await inTurn(() => thread.ask({ kind: 'run', feeds })))!;
      } finally {
        thread.load--;
      }
    },
    async end() {
      await thread.ask({ kind: 'release' }).catch(() => {}); // one that has ended has nothing to release
      await worker.terminate();
    },
  };
  return thread;
}

/**
 * onnxruntime-node in worker threads, with the face of its module: each thread has a session of its own, and a run goes to the one with the fewest
 * before it. On the calling thread a run blocks everything else.
 */
export function nativeInWorkers(count: number): Ort {
  const create = async (bytes: Uint8Array, options: InferenceSession.SessionOptions) => {
    const threads = Array.from({ length: count }, startThread);
    const end = () => Promise.all(threads.map((thread) => thread.end()));
    try {
      // one after the other: each holds the file in its memory while it reads it
      for (const thread of threads) await thread.ask({ kind: 'create', bytes, options });
    } catch (error) {
      await end();
      throw error;
    }
    return {
      run: (feeds: PostedTensors) => threads.reduce((a, b) => (b.load < a.load ? b : a)).run(feeds),
      release: end,
    };
  };
  return { InferenceSession: { create }, Tensor } as unknown as Ort;
}

/** As much of onnxruntime's tensor as is posted. */
class Tensor implements PostedTensor {
  readonly type: string;
  readonly data: ArrayBufferView;
  readonly dims: readonly number[];
  constructor(type: string, data: ArrayBufferView, dims: readonly number[]) {
    this.type = type;
    this.data = data;
    this.dims = dims;
  }
}
