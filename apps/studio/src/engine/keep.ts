import { signal } from '@preact/signals';
import { sayError } from '../state/messages.ts';
import { load } from './load.ts';
import { isKept, measureKept, shipped } from './models.ts';

/** The model that is being kept for offline use, by its title. */
export const keeping = signal<string | undefined>();

/** Shipped models that are not in this browser yet. */
export const missingModels = () => shipped.filter((model) => !isKept(model));

/** Downloads every shipped model that is not kept yet: whatever is loaded once is kept, checked. */
export async function keepModels(): Promise<void> {
  if (keeping.value) return;
  const never = new AbortController().signal;
  try {
    for (const model of missingModels()) {
      keeping.value = model.title;
      const loaded = await load(model, { model, runtime: 'wasm', threads: 1 }, never, () => {});
      await loaded?.segmenter.dispose();
      await measureKept();
    }
  } catch (error) {
    sayError(error);
  } finally {
    keeping.value = undefined;
  }
}
