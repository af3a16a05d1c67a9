import { dismiss, messages } from '../state/messages.ts';
import { Icon } from './Icon.tsx';

export function Messages() {
  return (
    <div class="messages" role="log" aria-live="polite" aria-label="Messages">
      {messages.value.map(({ id, kind, text, action }) => (
        <div key={id} class={`message ${kind}`} role={kind === 'error' ? 'alert' : undefined}>
          <Text text={text} />
          {action && (
            <button
              type="button"
              onClick={() => {
                dismiss(id);
                action.run();
              }}
            >
              {action.title}
            </button>
          )}
          <button type="button" class="quiet" aria-label="Close this message" onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}

/** Lists below a message's first line are folded: they can be longer than the page. */
function Text({ text }: { text: string }) {
  const [first, ...rest] = text.split('\n');
  if (rest.length === 0) return <p>{text}</p>;
  return (
    <details>
      <summary>{first}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keys too */}
      <p tabIndex={0}>{rest.join('\n')}</p>
    </details>
  );
}
