import { AtrousError } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { namingFile } from './web.ts';

const failing = (error: unknown, wasm?: string) => () => namingFile(error, { wasm });

test('a start that failed for want of a file names it', () => {
  const error = new AtrousError('unavailable', 'onnxruntime: no available backend found');
  expect(failing(error, 'https://here.example/ort.wasm')).toThrow(
    'no available backend found; it was to come from https://here.example/ort.wasm',
  );
  expect(failing(error)).toThrow(error); // in Node, where nothing was asked for
  const other = new AtrousError('memory', 'onnxruntime: out of memory');
  expect(failing(other, 'https://here.example/ort.wasm')).toThrow(other);
});
