import { messageOf } from '@atrous/tensor';
import { signal } from '@preact/signals';

export interface Message {
  readonly id: number;
  readonly kind: 'note' | 'error';
  readonly text: string;
}

export const messages = signal<readonly Message[]>([]);

let last = 0;
const noteMilliseconds = 6000;

/** Says something in a corner of the page: notes go by themselves, errors when they are closed or others push them out. */
export function say(text: string, kind: Message['kind'] = 'note'): void {
  const id = ++last;
  const others = messages.value.filter((message) => message.text !== text);
  messages.value = [...others, { id, kind, text }].slice(-4);
  if (kind === 'note') setTimeout(() => dismiss(id), noteMilliseconds);
}

export const sayError = (error: unknown): void => say(messageOf(error), 'error');

export function dismiss(id: number): void {
  messages.value = messages.value.filter((message) => message.id !== id);
}
