import { type Remote, wrap } from 'comlink';
import type { Painter } from '../worker/worker_painter.ts';

/** The painter's worker: full-size pictures live there. */
export const painter: Remote<Painter> = wrap<Painter>(
  new Worker(new URL('../worker/worker_painter.ts', import.meta.url), { type: 'module', name: 'painter' }),
);
