import type { Color } from '@atrous/mask';
import { backdrop } from '../state/look.ts';
import { sayError } from '../state/messages.ts';
import { painter } from './painter.ts';

/** What stands behind a cut-out: a picture, or a colour in its place. */
export async function setBackdrop(chosen: File | Color): Promise<void> {
  try {
    await painter.setBackdrop(chosen instanceof File ? chosen : undefined);
    // the same colour anew: what is shown has changed
    backdrop.value = chosen instanceof File ? [...backdrop.value] : chosen;
  } catch (error) {
    sayError(error);
  }
}
