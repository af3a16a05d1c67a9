import { serveSegmenter } from './thread.ts';

serveSegmenter();
