import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'atrous-ci-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A report of the test runner, as a file. */
function report(name, passed, failed, assertionResults = [], message = '', status = 'passed') {
  const file = join(folder, name);
  const testResults = [{ name: 'file.test.ts', status, message, assertionResults }];
  const content = { numPassedTests: passed, numFailedTests: failed, testResults };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

/** What the closing lines are, and the exit code. */
function closing(...args) {
  const script = fileURLToPath(new URL('ci_report.mjs', import.meta.url));
  const { stdout, status } = spawnSync(process.execPath, [script, ...args.map(String)], { encoding: 'utf8' });
  return { lines: stdout.trimEnd().split('\n'), status };
}

test('runs are added up, what was skipped is named', () => {
  const tests = report('tests', 5, 0, [{ status: 'skipped', fullName: 'a needs b' }]);
  const browsers = report('browsers', 3, 0);
  expect(closing(0, tests, 0, browsers, 0)).toEqual({
    lines: ['skipped: a needs b', '8 passed, 0 failed'],
    status: 0,
  });
});

test('what failed is said with its file and message', () => {
  const failure = {
    status: 'failed',
    fullName: 'a is b',
    failureMessages: ['expected 1 to be 2\n    at file.test.ts:3'],
  };
  const tests = report('one-failed', 5, 1, [failure], 'ReferenceError: c is not defined');
  expect(closing(1, tests, 1, report('quiet', 3, 0), 7).lines).toEqual([
    'failed: a is b (file.test.ts)',
    '    expected 1 to be 2',
    '        at file.test.ts:3',
    'failed: file.test.ts',
    '    ReferenceError: c is not defined',
    'failed: run 2 outside of its tests: exit code 7, 3 passed',
    'failed: 1 of the checks, named above',
    '8 passed, 3 failed',
  ]);
});

test('a hook that failed is said with its file', () => {
  const tests = report('hook', 5, 0, [{ status: 'skipped', fullName: 'a is b' }], '', 'failed');
  expect(closing(0, tests, 1).lines).toEqual([
    'skipped: a is b',
    'failed: file.test.ts: a hook of it; what it said is in the log',
    '5 passed, 1 failed',
  ]);
});

test.each([
  ['failed checks', [2, report('sound', 5, 0), 0], '5 passed, 2 failed'],
  ['failed tests', [0, report('failed', 5, 1), 1], '5 passed, 1 failed'],
  ['a run that broke outside of its tests', [0, report('broken', 5, 0), 1], '5 passed, 1 failed'],
  ['a run that tested nothing', [0, report('one', 5, 0), 0, report('none', 0, 0), 0], '5 passed, 1 failed'],
  ['a run without a report', [0, report('other', 5, 0), 0, join(folder, 'absent'), 0], '5 passed, 1 failed'],
])('%s count as failed', (_, args, last) => {
  const { lines, status } = closing(...args);
  expect([lines.at(-1), status]).toEqual([last, 1]);
});
