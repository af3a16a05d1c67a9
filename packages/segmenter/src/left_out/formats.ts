import { type Checkpoint, openSafetensors } from '@atrous/checkpoint';
import { leftOut } from './left_out.ts';

/** Stands for `formats.ts` of @atrous/checkpoint: safetensors, and all else. */
export const formats: readonly {
  readonly name: string;
  readonly advice: string;
  matches(ends: { readonly head: Uint8Array }): boolean;
  open(bytes: Parameters<typeof openSafetensors>[0]): Promise<Checkpoint>;
}[] = [
  {
    name: 'a safetensors file',
    advice: '',
    matches: ({ head }) => head[8] === 0x7b && head.subarray(4, 8).every((byte) => byte === 0),
    open: openSafetensors,
  },
  {
    name: 'another file',
    advice: '',
    matches: ({ head }) => head.length > 0,
    open: async () => leftOut(),
  },
];
