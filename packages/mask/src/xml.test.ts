import { expect, test } from 'vitest';
import { escapeXml } from './xml.ts';

test.each([
  ['markup', `a<b> & "c" 'd'`, `a&lt;b&gt; &amp; &quot;c&quot; 'd'`],
  ['white space', 'a\tb\nc\rd', 'a&#9;b&#10;c&#13;d'],
  ['control characters', '\u0000\u0008\u000b\u001f', '\ufffd\ufffd\ufffd\ufffd'],
  ['halves of pairs, and what is no character', '\ud800x\udc00\ufffe\uffff', '\ufffdx\ufffd\ufffd\ufffd'],
  ['every other script', 'Straße 道 🚗 \u007f', 'Straße 道 🚗 \u007f'],
])('%s', (_name, text, escaped) => {
  expect(escapeXml(text)).toBe(escaped);
});
