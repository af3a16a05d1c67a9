// Numbers and tables as the cards write them.

/** `93.1 %`; a dash where there is nothing. */
export const percent = (share) =>
  share === undefined || share === null ? '–' : `${(share * 100).toFixed(1)} %`;

/** `93.1 % (92.0–94.1)`: a score of `atrous evaluate` with its interval. */
export function withInterval({ value, low, high }) {
  if (value === null || low === null || high === null) return percent(value);
  return `${percent(value)} (${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)})`;
}

export const count = (number) => number.toLocaleString('en');

/** A table in Markdown. */
export const table = (header, rows) =>
  [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Paragraphs and tables with empty lines between; what is not there is left out. */
export const paragraphs = (parts) => parts.filter(Boolean).join('\n\n');
