import { webgpu } from '@atrous/runtime-webgpu';
import { serveSegmenter } from '@atrous/segmenter/thread';

serveSegmenter({ runtimes: [webgpu()] }); // on the GPU where there is one, else on the package's own engine
