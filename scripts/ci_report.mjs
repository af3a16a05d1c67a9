// The closing lines of CI: what was skipped and why it matters, then `N passed, N failed`.
import { readFileSync } from 'node:fs';

const [file, testsExit, failedChecks] = process.argv.slice(2);
let passed = 0;
let failed = Number(failedChecks);
try {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  passed = report.numPassedTests;
  failed += report.numFailedTests;
  for (const suite of report.testResults) {
    for (const test of suite.assertionResults) {
      if (test.status === 'skipped' || test.status === 'pending') console.log(`skipped: ${test.fullName}`);
    }
  }
} catch (error) {
  console.log(`no test report: ${error.message}`);
}
// A run that broke outside of any test still failed.
if (Number(testsExit) !== 0 && failed === Number(failedChecks)) failed += 1;
if (passed === 0) failed += 1;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
