import { onnx } from '@atrous/runtime-onnx';
import { tfjs } from '@atrous/runtime-tfjs';
import { webgpu } from '@atrous/runtime-webgpu';
import { serveSegmenter } from '@atrous/segmenter/thread';

serveSegmenter({ runtimes: [webgpu(), onnx(), tfjs()] });
