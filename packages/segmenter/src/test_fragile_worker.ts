import './worker_segmenter.ts';

/** The worker as it is, but that it breaks when it is told to. */
addEventListener('message', ({ data }) => {
  if (data === 'crash') throw new Error('crashed on demand');
  if (data === 'hang') for (;;);
});
