import { brief } from './brief.ts';

export interface JsonRules {
  /** How deep objects and lists may be nested. @default 64 */
  readonly depth?: number;
  /** Every number must be written as a whole number from 0: `1.0`, `1e3` and `-0` are refused. @default false */
  readonly onlyCounts?: boolean;
}

/**
 * JSON of a file that somebody else wrote. Refused besides what `JSON.parse` refuses: nesting that would overflow the
 * stack, one key twice in an object (readers differ in which of the two they take), and halves of surrogate pairs.
 * @throws SyntaxError
 */
export function parseJson(text: string, rules: JsonRules = {}): unknown {
  checkStructure(text, rules);
  return JSON.parse(text);
}

const colon = /\s*:/y;
const loneSurrogate = /\p{Surrogate}/u;

/** One pass over brackets, strings and numbers; what is no JSON at all is left to `JSON.parse`. */
function checkStructure(text: string, { depth = 64, onlyCounts = false }: JsonRules): void {
  const open: (Set<string> | null)[] = []; // the keys so far of each open object; null for a list
  const marks = onlyCounts ? /["{}[\]]|[-.]|\d[eE]/g : /["{}[\]]/g;
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    switch (mark[0]) {
      case '{':
      case '[':
        open.push(mark[0] === '{' ? new Set() : null);
        if (open.length > depth) throw new SyntaxError(`nested deeper than ${depth} levels`);
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case '"': {
        const end = endOfString(text, mark.index);
        marks.lastIndex = end;
        checkString(text, mark.index, end, open.at(-1));
        break;
      }
      default:
        throw new SyntaxError(`expected whole numbers from 0 only, found another at character ${mark.index}`);
    }
  }
}

function checkString(text: string, begin: number, end: number, keys: Set<string> | null | undefined): void {
  colon.lastIndex = end;
  const isKey = keys && colon.test(text);
  const token = text.slice(begin, end);
  if (!isKey && !token.includes('\\u')) return;
  const value: string = JSON.parse(token);
  if (loneSurrogate.test(value)) throw new SyntaxError(`half a surrogate pair in ${brief(value)}`);
  if (!isKey) return;
  if (keys.has(value)) throw new SyntaxError(`duplicate key ${brief(value)}`);
  keys.add(value);
}

/** Where a string that opens at `begin` has ended; the text's end where it is never closed. */
function endOfString(text: string, begin: number): number {
  const quote = 0x22;
  const backslash = 0x5c;
  for (let i = begin + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === backslash) i++;
    else if (code === quote) return i + 1;
  }
  return text.length;
}
