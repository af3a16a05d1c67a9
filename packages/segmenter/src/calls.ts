// Calls of a worker's methods by messages. What a method is given and gives is copied as messages are, or moves with `moving`; a function
// among its arguments is called back until the next call of that method.
import { messageOf } from '@atrous/tensor';

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: unknown[];
  /** Which arguments are functions. */
  readonly callbacks: readonly number[];
}

type Message =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly callback: string; readonly args: readonly unknown[] };

type Function = (...args: readonly unknown[]) => unknown;

const memories = new WeakMap<object, readonly Transferable[]>();

/** An argument or a result whose memory moves to the other side instead of being copied. */
export function moving<T extends object>(value: T, memory: readonly Transferable[]): T {
  memories.set(value, memory);
  return value;
}

const memoryOf = (values: readonly unknown[]): Transferable[] =>
  values.flatMap((value) => [...(memories.get(value as object) ?? [])]);

const nameOf = (method: string, at: number): string => `${method} ${at}`;

/** The methods that a worker serves. A call rejects where its arguments or its result cannot be posted. */
export function callsTo<Methods extends object>(worker: Worker): Methods {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const callbacks = new Map<string, Function>();
  let lastId = 0;
  worker.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if ('callback' in data) {
      callbacks.get(data.callback)?.(...data.args);
      return;
    }
    const waiter = waiting.get(data.id);
    waiting.delete(data.id);
    if ('error' in data) waiter?.reject(new Error(data.error));
    else waiter?.resolve(data.value);
  });
  const call = async (method: string, args: readonly unknown[]) => {
    const functions: number[] = [];
    const posted = args.map((arg, at) => {
      if (typeof arg !== 'function') return arg;
      functions.push(at);
      callbacks.set(nameOf(method, at), arg as Function);
      return undefined;
    });
    const id = lastId++;
    worker.postMessage({ id, method, args: posted, callbacks: functions } satisfies Call, memoryOf(args));
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    return answer.promise;
  };
  return new Proxy({} as Methods, {
    get:
      (_, method: string) =>
      (...args: readonly unknown[]) =>
        call(method, args),
  });
}

/** Serves methods to the page that started this worker. */
export function serveCalls(methods: object): void {
  const post = (message: Message, transfer: Transferable[] = []) =>
    globalThis.postMessage(message, { transfer });
  addEventListener('message', async ({ data: { id, method, args, callbacks } }: MessageEvent<Call>) => {
    for (const at of callbacks)
      args[at] = (...values: readonly unknown[]) => post({ callback: nameOf(method, at), args: values });
    try {
      const value = await (methods as Readonly<Record<string, Function>>)[method](...args);
      post({ id, value }, memoryOf([value]));
    } catch (error) {
      post({ id, error: messageOf(error) });
    }
  });
}
