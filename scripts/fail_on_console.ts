import { afterEach, beforeEach, expect, vi } from 'vitest';

/** A library that writes to the console unasked is a bug: the test in which it happens fails. */
const methods = ['log', 'info', 'warn', 'error'] as const;

beforeEach(() => {
  for (const method of methods) vi.spyOn(console, method).mockImplementation(() => {});
});

afterEach(() => {
  const calls = methods.flatMap((method) => vi.mocked(console[method]).mock?.calls ?? []);
  vi.restoreAllMocks();
  expect(calls, 'nothing may be written to the console').toEqual([]);
});
