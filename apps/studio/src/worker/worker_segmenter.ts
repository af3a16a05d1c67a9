import { onnx } from '@atrous/runtime-onnx';
import { tfjs } from '@atrous/runtime-tfjs';
import { serveSegmenter } from '@atrous/segmenter/thread';

serveSegmenter({ runtimes: [onnx(), tfjs()] });
