import { backdrop } from '../state/look.ts';
import { sayError } from '../state/messages.ts';
import { painter } from './painter.ts';

/** The picture behind a cut-out; none takes the colour again. */
export async function setBackdrop(file: File | undefined): Promise<void> {
  try {
    await painter.setBackdrop(file);
    backdrop.value = [...backdrop.value]; // the same colour, but what is shown has changed
  } catch (error) {
    sayError(error);
  }
}
