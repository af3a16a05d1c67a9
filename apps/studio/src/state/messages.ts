import { messageOf } from '@atrous/tensor';
import { signal } from '@preact/signals';

export interface Message {
  readonly id: number;
  readonly kind: 'note' | 'error';
  readonly text: string;
  readonly action?: Action;
}

/** What can be done about a message. */
export interface Action {
  readonly title: string;
  run(): void;
}

export const messages = signal<readonly Message[]>([]);

let last = 0;
const noteMilliseconds = 6000;
/** Of a note that offers something. */
const offerMilliseconds = 12_000;

/** Says something over the stage: notes go by themselves, errors when they are closed or others push them out. */
export function say(text: string, kind: Message['kind'] = 'note', action?: Action): void {
  const id = ++last;
  const others = messages.value.filter((message) => message.text !== text);
  messages.value = [...others, { id, kind, text, ...(action && { action }) }].slice(-4);
  if (kind === 'note') setTimeout(() => dismiss(id), action ? offerMilliseconds : noteMilliseconds);
}

export const sayError = (error: unknown): void => say(messageOf(error), 'error');

export function dismiss(id: number): void {
  messages.value = messages.value.filter((message) => message.id !== id);
}
