import { measuresOf } from '@atrous/dataset';
import type { Palette } from '@atrous/mask';
import type { Seen } from './evaluate_score.ts';
import { type PictureViews, viewsOf } from './evaluate_views.ts';

/** A picture of a report. */
export interface ShownPicture extends PictureViews {
  readonly name: string;
  readonly miou: number;
}

/**
 * Keeps the pictures with the lowest mean IoU as they go by, drawn, so that a set of any size takes no more memory than these.
 * @param palette colours by counted class
 */
export function worstPictures(
  count: number,
  palette: Palette,
): { readonly add: (seen: Seen) => Promise<void>; readonly list: readonly ShownPicture[] } {
  const list: ShownPicture[] = [];
  return {
    list,
    async add(seen) {
      const { name, tally } = seen.scored;
      const { miou } = measuresOf(tally);
      if (miou === null || (list.length >= count && miou >= list[list.length - 1].miou)) return;
      list.push({ name, miou, ...(await viewsOf(seen, palette)) });
      list.sort((a, b) => a.miou - b.miou || (a.name < b.name ? -1 : 1));
      list.length = Math.min(list.length, count);
    },
  };
}
