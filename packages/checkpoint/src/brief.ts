/** A value as short text for an error message: JSON, cut where it is long, however large the value is. */
export function brief(value: unknown, limit: number = 80): string {
  if (typeof value === 'string') return clip(JSON.stringify(value.slice(0, limit + 1)), limit);
  if (Array.isArray(value)) {
    const shown = value.slice(0, 8).map((item) => (Array.isArray(item) ? '[…]' : brief(item, limit)));
    return clip(`[${shown.join(',')}${value.length > shown.length ? ',…' : ''}]`, limit);
  }
  if (typeof value === 'object' && value !== null) return '{…}';
  return String(value);
}

/** Text cut to a length, with an ellipsis where something is missing. */
export function clip(text: string, limit: number = 80): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

/** The first of many texts, each cut, and how many more there are. */
export function briefList(texts: readonly string[], limit: number = 20): string[] {
  const shown = texts.slice(0, limit).map((text) => clip(text, 200));
  return texts.length > limit ? [...shown, `… and ${texts.length - limit} more`] : shown;
}
