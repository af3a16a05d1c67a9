import { dismiss, messages } from '../state/messages.ts';
import { Icon } from './Icon.tsx';

export function Messages() {
  return (
    <div class="messages" role="log" aria-live="polite" aria-label="Messages">
      {messages.value.map(({ id, kind, text }) => (
        <div key={id} class={`message ${kind}`} role={kind === 'error' ? 'alert' : undefined}>
          <p>{text}</p>
          <button type="button" class="quiet" aria-label="Close this message" onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
