import { signal } from '@preact/signals';

/** A video that is being written: every frame of a file, or what is shown of a camera while it is. */
export interface Filming {
  readonly kind: 'file' | 'camera';
  /** Seconds of it that are there. */
  readonly seconds: number;
  /** Seconds that there will be, of a file. */
  readonly length?: number;
}
export const filming = signal<Filming | undefined>();
