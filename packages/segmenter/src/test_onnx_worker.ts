import { onnx } from '@atrous/runtime-onnx';
import { serveSegmenter } from './thread.ts';

serveSegmenter({ runtimes: [onnx()] });
