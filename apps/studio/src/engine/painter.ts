import { type Remote, wrap } from 'comlink';
import { say } from '../state/messages.ts';
import type { Painter } from '../worker/worker_painter.ts';

const worker = new Worker(new URL('../worker/worker_painter.ts', import.meta.url), {
  type: 'module',
  name: 'painter',
});

// What it held is gone, and what waits for it waits in vain.
worker.addEventListener('error', (event) => {
  say(`the painter has ended (${event.message || 'its script cannot be loaded'}): reload the page`, 'error');
});

/** The painter's worker: full-size pictures live there. */
export const painter: Remote<Painter> = wrap<Painter>(worker);
