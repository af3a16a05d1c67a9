/**
 * What a terminal takes for a command, or for another reading direction: control characters (C0 but for tab and line
 * feed, DEL, C1), and Unicode's marks of direction. A file may be named with any of them.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const unprintable = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Text for a terminal: what it would obey is shown as `\u001b` instead. */
export const printable = (text: string): string => text.replace(unprintable, escaped);

/** A name within a line of text: line feeds and tabs are shown, too. */
export const printableName = (name: string): string => printable(name).replace(/[\n\t]/g, escaped);

/** JSON for a terminal or a file: the same value, control characters within strings as escapes. */
export const printableJson = (value: unknown): string => printable(JSON.stringify(value, null, 2));
