import { shown } from '../state/live.ts';
import { hidden, isHidden, isSolo, shownClasses, toggleHidden, toggleSolo } from '../state/look.ts';
import { percent } from './format.ts';
import { Icon } from './Icon.tsx';

/** What is in the picture: colours, names and shares; one alone, or some left out. */
export function ClassesPanel() {
  const shares = shown.value?.result?.shares;
  return (
    <section class="panel" aria-labelledby="classes-title">
      <div class="panel-title">
        <h2 id="classes-title">Classes</h2>
        <button
          type="button"
          class="quiet"
          disabled={hidden.value.length === 0}
          onClick={() => {
            hidden.value = [];
          }}
        >
          Show all
        </button>
      </div>
      <ul class="legend">
        {shownClasses.value.map(({ id, name, color }) => {
          const share = shares?.[id] ?? 0;
          return (
            <li key={id} class={isHidden(id) ? 'is-hidden' : share > 0 ? '' : 'is-absent'}>
              <button
                type="button"
                class="class"
                aria-pressed={isSolo(id)}
                title={isSolo(id) ? 'Show all classes again' : `Show ${name} alone`}
                onClick={() => toggleSolo(id)}
              >
                <span class="swatch" style={{ background: color }} />
                <span class="name">{name}</span>
                <span class="share">{shares ? percent(share) : ''}</span>
                <meter class="bar" min={0} max={1} value={share} aria-hidden="true" />
              </button>
              <button
                type="button"
                class="quiet"
                aria-pressed={isHidden(id)}
                aria-label={`Hide ${name}`}
                title={isHidden(id) ? `Show ${name}` : `Hide ${name}`}
                onClick={() => toggleHidden(id)}
              >
                <Icon name={isHidden(id) ? 'eyeOff' : 'eye'} />
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
