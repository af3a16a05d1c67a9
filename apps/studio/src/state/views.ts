import type { ViewOptions } from '@atrous/segmenter/client';
import { computed, signal } from '@preact/signals';

/** Whether pictures are seen at several scales and mirrored; video never is. */
export const severalViews = signal(false);

/** How the network looks at a picture. */
export const views = computed(
  (): ViewOptions => (severalViews.value ? { scales: [0.75, 1, 1.5], flip: true } : {}),
);
