import type { InferenceSession } from 'onnxruntime-common';

/** Not a word that bundlers can read: builds for servers would look for it, wanted or not. */
export const packageName = 'onnxruntime-node';

/** A tensor of onnxruntime as a message. */
export interface PostedTensor {
  readonly type: string;
  readonly data: ArrayBufferView;
  readonly dims: readonly number[];
}
export type PostedTensors = Readonly<Record<string, PostedTensor>>;

/** What a thread with a session is asked: to create it, first and once, to run it, and to release it. */
export type NativeRequest = { readonly id: number } & (
  | {
      readonly kind: 'create';
      readonly bytes: Uint8Array;
      readonly options: InferenceSession.SessionOptions;
    }
  | { readonly kind: 'run'; readonly feeds: PostedTensors }
  | { readonly kind: 'release' }
);

export type NativeReply = { readonly id: number } & (
  | { readonly value: PostedTensors | undefined }
  | { readonly error: string }
);
