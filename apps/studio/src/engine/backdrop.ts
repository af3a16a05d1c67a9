import type { Color } from '@atrous/mask';
import { batch } from '@preact/signals';
import { backdrop, backdropPicture } from '../state/look.ts';
import { sayError } from '../state/messages.ts';
import { painter } from './painter.ts';

/** What stands behind a cut-out: a picture, or a colour in its place. */
export async function setBackdrop(chosen: File | Color): Promise<void> {
  try {
    const picture = chosen instanceof File ? chosen : undefined;
    await painter.setBackdrop(picture);
    batch(() => {
      backdropPicture.value = picture;
      // the same colour anew: what is shown has changed
      backdrop.value = chosen instanceof File ? [...backdrop.value] : chosen;
    });
  } catch (error) {
    sayError(error);
  }
}
