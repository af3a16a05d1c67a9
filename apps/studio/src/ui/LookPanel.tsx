import { formatColor, parseColor } from '@atrous/mask';
import { setBackdrop } from '../engine/backdrop.ts';
import { type Mode, modes } from '../look.ts';
import { type PaletteName, palettes } from '../palettes.ts';
import { look, mode, opacity, outline, paletteName, wipe } from '../state/look.ts';

const entries = <K extends string, V>(table: Record<K, V>) => Object.entries(table) as [K, V][];

/** How the mask is drawn. */
export function LookPanel() {
  return (
    <section class="panel" aria-labelledby="look-title">
      <h2 id="look-title">Look</h2>
      <fieldset class="chips">
        <legend class="unseen">What the canvas shows</legend>
        {entries(modes).map(([name, title]) => (
          <label key={name}>
            <input type="radio" name="mode" checked={mode.value === name} onChange={() => choose(name)} />
            <span>{title}</span>
          </label>
        ))}
      </fieldset>
      {mode.value === 'overlay' && (
        <>
          <label class="field">
            <span>Opacity</span>
            <input
              type="range"
              min={0}
              max={100}
              value={Math.round(opacity.value * 100)}
              onInput={({ currentTarget }) => {
                opacity.value = Number(currentTarget.value) / 100;
              }}
            />
            <output>{Math.round(opacity.value * 100)} %</output>
          </label>
          <label class="check">
            <input
              type="checkbox"
              checked={outline.value}
              onChange={({ currentTarget }) => {
                outline.value = currentTarget.checked;
              }}
            />
            <span>Borders between classes</span>
          </label>
        </>
      )}
      {mode.value === 'replace' && <Backdrop />}
      {mode.value === 'confidence' && (
        <p class="hint">
          Probability of the winning class: <span class="scale" /> from low to high.
        </p>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={wipe.value !== undefined}
          onChange={({ currentTarget }) => {
            wipe.value = currentTarget.checked ? 0.5 : undefined;
          }}
        />
        <span>Compare with the picture (wipe)</span>
      </label>
      <label class="field">
        <span>Palette</span>
        <select
          value={paletteName.value}
          onChange={({ currentTarget }) => {
            paletteName.value = currentTarget.value as PaletteName;
          }}
        >
          {entries(palettes).map(([name, { title }]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
    </section>
  );
}

function choose(name: Mode): void {
  mode.value = name;
}

/** What stands behind: a colour, or a picture. */
function Backdrop() {
  return (
    <>
      <label class="field">
        <span>Colour behind</span>
        <input
          type="color"
          value={formatColor(look.value.backdrop)}
          onInput={({ currentTarget }) => setBackdrop(parseColor(currentTarget.value))}
        />
      </label>
      <label class="field">
        <span>Picture behind</span>
        <input
          type="file"
          accept="image/*"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file) setBackdrop(file);
            currentTarget.value = ''; // the same file may be chosen again
          }}
        />
      </label>
    </>
  );
}
