import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { Compare } from './Compare.tsx';
import { Network } from './Network.tsx';
import { Times } from './Times.tsx';

const tabs = {
  times: { title: 'Times', Content: Times },
  network: { title: 'Network and features', Content: Network },
  compare: { title: 'Compare runtimes', Content: Compare },
} as const satisfies Record<string, { title: string; Content: ComponentType }>;
type Tab = keyof typeof tabs;
const names = Object.keys(tabs) as Tab[];

const isOpen = signal(false);
const current = signal<Tab>('times');

/** For those who want to see how it is done. */
export function Drawer() {
  const { Content } = tabs[current.value];
  return (
    <details
      class="drawer"
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>Under the bonnet</summary>
      {isOpen.value && (
        <>
          <div class="tabs" role="tablist" aria-label="Under the bonnet">
            {names.map((name) => (
              <button
                key={name}
                id={`tab-${name}`}
                type="button"
                role="tab"
                aria-selected={current.value === name}
                aria-controls="tab-content"
                tabIndex={current.value === name ? 0 : -1}
                onClick={() => {
                  current.value = name;
                }}
                onKeyDown={moveTab}
              >
                {tabs[name].title}
              </button>
            ))}
          </div>
          <div id="tab-content" role="tabpanel" aria-labelledby={`tab-${current.value}`} class="tab-content">
            <Content />
          </div>
        </>
      )}
    </details>
  );
}

/** Arrows go from tab to tab. */
function moveTab(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  current.value = names[(names.indexOf(current.value) + step + names.length) % names.length];
  document.getElementById(`tab-${current.value}`)?.focus();
}
