// The closing lines of CI: what was skipped, what failed and how, then `N passed, N failed`. What failed is said again here
// since it may lie thousands of lines above.
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
        if (test.status === 'failed')
          console.log(`failed: ${test.fullName} (${suite.name})\n${firstLines(test.failureMessages)}`);
      }
      // A file that did not load, or whose hooks failed, has a message of its own.
      if (suite.message) console.log(`failed: ${suite.name}\n${firstLines([suite.message])}`);
      // Of a hook within a `describe` the report has nothing but that the file failed.
      else if (
        suite.status === 'failed' &&
        suite.assertionResults.every(({ status }) => status !== 'failed')
      ) {
        failed += 1;
        console.log(`failed: ${suite.name}: a hook of it; what it said is in the log`);
      }
    }
  } catch (error) {
    console.log(`no test report: ${error.message}`);
  }
  // A run that broke outside of any test still failed; so did one that passed nothing.
  if (failed === before.failed && (Number(exit) !== 0 || passed === before.passed)) {
    failed += 1;
    console.log(
      `failed: run ${i / 2 + 1} outside of its tests: exit code ${exit}, ${passed - before.passed} passed`,
    );
  }
}
if (Number(failedChecks) > 0) console.log(`failed: ${failedChecks} of the checks, named above`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** The first lines of each message, indented: the rest of a stack is in the log. */
function firstLines(messages = []) {
  return messages
    .map((message) => message.split('\n').slice(0, 12).join('\n').replace(/^/gm, '    '))
    .join('\n');
}
