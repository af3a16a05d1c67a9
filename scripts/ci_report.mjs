// The closing lines of CI: what was skipped and why it matters, then `N passed, N failed`.
import { readFileSync } from 'node:fs';

/** Failed checks, then a report and the exit code of each run of tests. */
const [failedChecks, ...runs] = process.argv.slice(2);
let passed = 0;
let failed = Number(failedChecks);
for (let i = 0; i < runs.length; i += 2) {
  const [file, exit] = runs.slice(i, i + 2);
  const before = { passed, failed };
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    for (const suite of report.testResults) {
      for (const test of suite.assertionResults) {
        if (test.status === 'skipped' || test.status === 'pending') console.log(`skipped: ${test.fullName}`);
      }
    }
  } catch (error) {
    console.log(`no test report: ${error.message}`);
  }
  // A run that broke outside of any test still failed; so did one that passed nothing.
  if (failed === before.failed && (Number(exit) !== 0 || passed === before.passed)) failed += 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
