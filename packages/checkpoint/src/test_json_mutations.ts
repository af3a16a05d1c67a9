import { mutations, random } from '../../mask/src/test_mutations.ts';

/** What people and programs write where something else is expected; parsers differ in many of them. */
const oddities = [
  ...[
    'null',
    'true',
    '0',
    '-0',
    '1',
    '-1',
    '1.0',
    '0.5',
    '1e0',
    '1E400',
    '-1e400',
    '1e9',
    '1e-320',
    '01',
    '+1',
  ],
  ...['2147483648', '9007199254740992', '9007199254740993', '18446744073709551616', 'NaN', 'Infinity'],
  ...[
    '""',
    '"0"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    '"\\x"',
    '"../a"',
    "'a'",
    '"F64"',
    '"F4"',
    '"F6_E2M3"',
  ],
  ...['[]', '{}', '[0]', '[1,2,3,4]', '[[0]]', '{"a":1}', '{"a":1,"a":1}', '[1,]', '{"a":1,}', '/* */ 1'],
  `"${'x'.repeat(5000)}"`,
  `[${'0,'.repeat(5000)}0]`,
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
];

/** Strings, keys with their colon, numbers and words. */
const leaves = /"(?:[^"\\]|\\.)*"\s*:?|-?\d[\d.eE+-]*|true|false|null/g;
/** Lists and objects that hold no others. */
const containers = /\[[^[\]{}]*\]|\{[^[\]{}]*\}/g;
const keys = ['__metadata__', '__proto__', 'constructor', 'toString', 'dtype', 'shape', 'data_offsets', 'a'];

/** Damaged JSON, the same for the same seed: bytes, values, keys, members twice or gone, and white space. */
export function mutateJson(text: string, seed: number): Uint8Array {
  const draw = random(~seed);
  const below = (count: number) => Math.floor(draw() * count);
  const encoder = new TextEncoder();
  if (draw() < 0.25) return mutations(encoder.encode(text), seed);
  let damaged = text;
  for (let changes = draw() < 0.6 ? 1 : 1 + below(4); changes > 0; changes--) {
    const found = [...damaged.matchAll(draw() < 0.8 ? leaves : containers)];
    if (found.length === 0) break;
    const { 0: part, index } = found[below(found.length)];
    const isKey = part.endsWith(':');
    const replacement = (): string => {
      if (isKey) return below(3) === 0 ? '' : `"${keys[below(keys.length)]}":`;
      const kind = below(10);
      if (kind < 4 && /^\d+$/.test(part)) return String(Number(part) + below(3) - 1);
      if (kind === 4) return found[below(found.length)][0]; // a part of elsewhere
      if (kind === 5) return `${part},${part}`;
      if (kind === 6) return ` ${part}\n`;
      return oddities[below(oddities.length)];
    };
    damaged = damaged.slice(0, index) + replacement() + damaged.slice(index + part.length);
  }
  const spaces = [' ', '\n\t', '\ufeff', '\u00a0', '\0', '  '];
  if (draw() < 0.1) damaged = spaces[below(spaces.length)] + damaged;
  if (draw() < 0.1) damaged += spaces[below(spaces.length)];
  return encoder.encode(damaged);
}
