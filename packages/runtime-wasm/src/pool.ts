import { AtrousError, type ErrorCode, messageOf, type Tensors } from '@atrous/tensor';
import { growMemory } from './instance.ts';
import { type Build, canShare, type compile } from './modules.ts';
import type { Plan } from './plan/plan.ts';
import { type AbortNotice, type Answer, type Reply, type Request, control as word } from './protocol.ts';
import { writeFeed, writeNumbers } from './thread.ts';

/** A worker of the platform. */
export interface ThreadWorker {
  post(message: Request | AbortNotice, transfer?: ArrayBuffer[]): void;
  listen(onReply: (reply: Reply) => void, onError: (error: Error) => void): void;
  /** Whether a process stays alive for it. */
  keepAlive(keep: boolean): void;
  terminate(): void;
}

type Ask<R> = R extends unknown ? Omit<R, 'id'> : never;

/** Threads over one memory. */
export interface Pool {
  readonly threads: number;
  /** Why the one thread is that which called; undefined where there are workers. */
  readonly withoutWorkers?: string;
  /** Sends to every thread; resolves with the answer of each. */
  all(ask: (thread: number) => Ask<Request>): Promise<Answer[]>;
  /** Asks the first thread alone. */
  first(ask: Ask<Request>): Promise<Answer>;
  /** Puts numbers into the memory. */
  write(offset: number, data: Float32Array | Int8Array): Promise<void>;
  /** Makes room before a plan is used. */
  reserve(bytes: number): void;
  /** Puts feeds where the memory is shared, so that no message copies them. @returns those that the first thread has to put there */
  place(plan: Plan, feeds: Tensors): Tensors;
  /** Before a run: forgets an abort. */
  begin(): void;
  abort(): void;
  dispose(): void;
}

/** The largest shared memory that this browser grants. */
function sharedMemory(): WebAssembly.Memory {
  for (let maximum = 65536; maximum >= 1024; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: 1, maximum, shared: true });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw new AtrousError('memory', 'wasm: cannot create a shared WebAssembly memory');
}

/** Starts the threads; where no worker can start, the thread that called is the only one. */
export async function startPool(
  createWorker: () => ThreadWorker,
  build: Build,
  threads: number,
  compileKernels: typeof compile,
): Promise<Pool> {
  const breaks: unknown[] = [];
  try {
    return await startThreads(createWorker, build, threads, compileKernels, (reason) => breaks.push(reason));
  } catch (error) {
    if (breaks.length === 0) throw error; // the workers are there, and it is something else
    const { callingThread } = await import('./calling_thread.ts');
    const pool = await startThreads(callingThread, build, 1, compileKernels, () => {});
    return { ...pool, withoutWorkers: messageOf(breaks[0]) };
  }
}

/**
 * Starts threads, and waits until each is ready: one that blocks would keep the others from starting.
 * @param onBreak hears why a worker could not be made, or ended by itself
 */
async function startThreads(
  createWorker: () => ThreadWorker,
  build: Build,
  threads: number,
  compileKernels: typeof compile,
  onBreak: (reason: unknown) => void,
): Promise<Pool> {
  const isShared = threads > 1 && canShare();
  const count = isShared ? threads : 1;
  const module = await compileKernels(build, isShared ? 'shared' : 'unshared');
  const memory = isShared ? sharedMemory() : undefined;
  const Buffer = isShared ? SharedArrayBuffer : ArrayBuffer;
  const control = new Int32Array(new Buffer(word.words * 4));

  const waiting = new Map<number, { resolve(value: Answer): void; reject(error: Error): void }>();
  let nextId = 0;
  let failure: Error | undefined;
  const workers: ThreadWorker[] = [];
  const fail = (error: Error) => {
    failure = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const startOne = () => {
    const worker = createWorker();
    workers.push(worker);
    worker.listen(
      (reply) => {
        const waiter = waiting.get(reply.id);
        waiting.delete(reply.id);
        if (waiting.size === 0) for (const each of workers) each.keepAlive(false);
        if ('error' in reply)
          waiter?.reject(new AtrousError(reply.error.code as ErrorCode, reply.error.message));
        else waiter?.resolve(reply.value);
      },
      (error) => {
        onBreak(error);
        fail(new AtrousError('runtime', `wasm: a thread ended: ${error.message}`, { cause: error }));
      },
    );
  };
  const ask = (worker: ThreadWorker, request: Ask<Request>, transfer: ArrayBuffer[] = []) =>
    new Promise<Answer>((resolve, reject) => {
      if (failure) return reject(failure);
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      worker.keepAlive(true);
      worker.post({ ...request, id } as Request, transfer);
    });
  const pool: Pool = {
    threads: count,
    async all(make) {
      const answers = await Promise.allSettled(workers.map((worker, thread) => ask(worker, make(thread))));
      return answers.map((answer) => {
        if (answer.status === 'rejected') throw answer.reason;
        return answer.value;
      });
    },
    first: (request) => ask(workers[0], request),
    async write(offset, data) {
      if (!memory) {
        await ask(workers[0], { kind: 'write', offset, data }, [data.buffer as ArrayBuffer]);
        return;
      }
      growMemory(memory, offset + data.byteLength);
      writeNumbers(memory, offset, data);
    },
    reserve(bytes) {
      if (memory) growMemory(memory, bytes);
    },
    place({ feeds: slots }, feeds) {
      if (!memory) return feeds;
      for (const [name, feed] of Object.entries(feeds)) writeFeed(memory, slots[name], feed);
      return {};
    },
    begin() {
      Atomics.store(control, word.abort, 0);
    },
    abort() {
      if (memory) Atomics.store(control, word.abort, 1);
      else workers[0].post({ kind: 'abort' });
    },
    dispose() {
      for (const worker of workers) worker.terminate();
      fail(new AtrousError('disposed', 'this session was disposed: load the model again'));
    },
  };
  try {
    try {
      for (let i = 0; i < count; i++) startOne();
    } catch (error) {
      onBreak(error);
      throw error;
    }
    await pool.all((thread) => ({
      kind: 'start',
      module,
      memory,
      control,
      thread,
      threads: count,
    }));
  } catch (error) {
    pool.dispose();
    throw error;
  }
  return pool;
}
