import { webgpu } from '@atrous/runtime-webgpu';
import { serveSegmenter } from './thread.ts';

serveSegmenter({ runtimes: [webgpu({ allowSoftware: true })] });
