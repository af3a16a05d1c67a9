import { effect } from '@preact/signals';
import { type Mode, modes } from '../look.ts';
import { type PaletteName, palettes } from '../palettes.ts';
import { engine, larger } from './engine.ts';
import { mode, opacity, outline, paletteName } from './look.ts';
import { runtimeTitles } from './runtimes.ts';
import { severalViews } from './views.ts';

/** What somebody chose, over a reload: how masks look, and what makes them. */
export interface Settings {
  readonly mode?: Mode;
  /** 0 to 1 */
  readonly opacity?: number;
  readonly outline?: boolean;
  readonly palette?: PaletteName;
  /** A shipped model's name, or a URL; files that somebody chose are not kept. */
  readonly model?: string;
  readonly runtime?: string;
  readonly severalViews?: boolean;
}

const key = `settings:${new URL(globalThis.document?.baseURI ?? 'http://localhost/').pathname}`;

const isKeyOf = <T extends object>(table: T, name: unknown): name is keyof T & string =>
  typeof name === 'string' && Object.hasOwn(table, name);

/** Settings out of text, whoever wrote it: what they cannot be is left out. */
export function settingsOf(text: string | null): Settings {
  let given: Partial<Record<keyof Settings, unknown>> | null = null;
  try {
    given = JSON.parse(text ?? '{}');
  } catch {}
  const { mode, opacity, outline, palette, model, runtime, severalViews } = given ?? {};
  return {
    ...(isKeyOf(modes, mode) && { mode }),
    ...(typeof opacity === 'number' && opacity >= 0 && opacity <= 1 && { opacity }),
    ...(typeof outline === 'boolean' && { outline }),
    ...(isKeyOf(palettes, palette) && { palette }),
    ...(typeof model === 'string' && { model }),
    ...(isKeyOf(runtimeTitles, runtime) && { runtime }),
    ...(typeof severalViews === 'boolean' && { severalViews }),
  };
}

/** What is in use now. */
function current(): Settings {
  const model = larger.value?.model ?? engine.value?.model;
  return {
    mode: mode.value,
    opacity: opacity.value,
    outline: outline.value,
    palette: paletteName.value,
    severalViews: severalViews.value,
    ...(model && !Array.isArray(model.location) && { model: model.id, runtime: engine.value?.runtime }),
  };
}

/** Looks as it did before a reload, and keeps what is chosen from now on. @returns what was kept */
export function keepSettings(): Settings {
  const kept = read();
  mode.value = kept.mode ?? mode.value;
  opacity.value = kept.opacity ?? opacity.value;
  outline.value = kept.outline ?? outline.value;
  paletteName.value = kept.palette ?? paletteName.value;
  severalViews.value = kept.severalViews ?? severalViews.value;
  effect(() => {
    const { model = kept.model, runtime = kept.runtime, ...look } = current();
    write({ ...look, model, runtime });
  });
  return kept;
}

// a page whose origin is opaque has no storage: reading it throws
function read(): Settings {
  try {
    return settingsOf(localStorage.getItem(key));
  } catch {
    return {};
  }
}

function write(settings: Settings): void {
  try {
    localStorage.setItem(key, JSON.stringify(settings));
  } catch {}
}
