import { copy, save, saveAll, saving } from '../engine/save.ts';
import { type Format, formats } from '../formats.ts';
import { shown } from '../state/live.ts';
import { pictures } from '../state/pictures.ts';
import { Icon } from './Icon.tsx';

/** What can be done with each format. */
const actions = [
  { icon: 'save', verb: 'Save', hint: 'Save as a file', act: save },
  { icon: 'copy', verb: 'Copy', hint: 'Copy to the clipboard', act: copy },
] as const;

/** What can be taken away. */
export function SavePanel() {
  const isReady = Boolean(shown.value?.result) && !saving.value;
  const done = pictures.value.filter(({ result }) => result).length;
  return (
    <section class="panel" aria-labelledby="save-title">
      <h2 id="save-title">Save</h2>
      <ul class="formats">
        {(Object.keys(formats) as Format[]).map((format) => {
          const { title, detail } = formats[format];
          return (
            <li key={format}>
              <span>
                {title} <small>{detail}</small>
              </span>
              <span class="actions">
                {actions.map(({ icon, verb, hint, act }) => (
                  <button
                    key={verb}
                    type="button"
                    disabled={!isReady}
                    aria-label={`${verb} ${title}, ${detail}`}
                    title={hint}
                    onClick={() => act(format)}
                  >
                    <Icon name={icon} />
                  </button>
                ))}
                {done > 1 && (
                  <button
                    type="button"
                    disabled={!isReady}
                    aria-label={`Save ${title}, ${detail}, of all pictures`}
                    title={`Of all ${done} pictures`}
                    onClick={() => saveAll(format)}
                  >
                    all
                  </button>
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
