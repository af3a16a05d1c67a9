import { onnx } from '@atrous/runtime-onnx';
import { tfjs } from '@atrous/runtime-tfjs';
import { type RuntimeSet, type RuntimeTable, runtimeTable } from '@atrous/segmenter';

/** The command brings all runtimes: these, and our own engine. */
export const givenRuntimes: readonly RuntimeSet[] = [onnx(), tfjs()];

export const runtimes: RuntimeTable = runtimeTable(givenRuntimes);
