import { expect, test } from 'vitest';
import { settingsOf } from './settings.ts';

test('what was kept comes back', () => {
  const kept = {
    mode: 'cutout',
    opacity: 0.4,
    outline: false,
    palette: 'okabeIto',
    model: 'street',
    runtime: 'wasm:int8',
    severalViews: true,
  };
  expect(settingsOf(JSON.stringify(kept))).toEqual(kept);
});

test.each([
  ['nothing', null],
  ['no JSON', '{'],
  ['null', 'null'],
  ['names that nobody knows', '{"mode":"constructor","palette":"toString","runtime":"__proto__"}'],
  ['values that cannot be', '{"opacity":7,"outline":"yes","model":3,"severalViews":1}'],
])('%s changes nothing', (_, text) => expect(settingsOf(text)).toEqual({}));
