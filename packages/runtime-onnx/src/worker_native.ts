import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '@atrous/tensor';
import type { InferenceSession, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common';
import type { NativeReply, NativeRequest, PostedTensors } from './native_protocol.ts';

/** A thread with a session of onnxruntime-node, whose runs block the thread that they are on. */
let session: InferenceSession | undefined;

interface Native {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}
/** Its name comes with the thread: written here, client builds would resolve what they cannot have. */
const native: Promise<Native> = import(workerData.packageName);

async function answer(request: NativeRequest): Promise<PostedTensors | undefined> {
  const { InferenceSession, Tensor } = await native;
  if (request.kind === 'create') session = await InferenceSession.create(request.bytes, request.options);
  if (request.kind === 'release') await session?.release();
  if (request.kind !== 'run') return undefined;
  const feeds = Object.entries(request.feeds).map(
    ([name, { type, data, dims }]) =>
      [name, new Tensor(type as 'float32', data as Float32Array, dims)] as const,
  );
  const outputs = await session!.run(Object.fromEntries(feeds));
  // onnxruntime's own memory does not move to another thread
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { type, data, dims }]) => [
      name,
      { type, dims, data: (data as Float32Array).slice() },
    ]),
  );
}

parentPort?.on('message', async (request: NativeRequest) => {
  const reply: NativeReply = await answer(request).then(
    (value) => ({ id: request.id, value }),
    (error) => ({ id: request.id, error: messageOf(error) }),
  );
  const memory = 'value' in reply ? Object.values(reply.value ?? {}).map(({ data }) => data.buffer) : [];
  parentPort?.postMessage(reply, memory as ArrayBuffer[]);
});
