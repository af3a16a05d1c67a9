import { afterEach, expect, test, vi } from 'vitest';
import { whyNotDownload } from './connection.ts';

afterEach(() => vi.unstubAllGlobals());

test.each([
  [undefined, undefined],
  [{}, undefined],
  [{ saveData: false, type: 'wifi', effectiveType: '4g' }, undefined],
  [{ saveData: true, effectiveType: '4g' }, 'This browser is set to save data.'],
  [{ saveData: false, type: 'cellular', effectiveType: '4g' }, 'This connection may be metered.'],
  [{ effectiveType: '3g' }, 'This connection is slow.'],
  [{ effectiveType: 'slow-2g' }, 'This connection is slow.'],
])('%j: %s', (connection, why) => {
  vi.stubGlobal('navigator', { connection });
  expect(whyNotDownload()).toBe(why);
});
