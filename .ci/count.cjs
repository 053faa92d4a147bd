// Reads Vitest's JSON report and exit code; says on a line each: tests passed, tests failed, and the name of each that failed.
const { readFileSync } = require('node:fs');
const { relative } = require('node:path');

const [, , report, status] = process.argv;

/** A file that fails without a failed test did not load, or its hooks failed: it counts as one. */
function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(process.cwd(), name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (status === 'failed' && failed.length === 0) return [`${file}: ${message.split('\n', 1)[0] || 'does not run'}`];
  return failed.map((test) => `${file}: ${test.fullName.replaceAll('\n', ' ')}`);
}

function count() {
  try {
    const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    return { passed: numPassedTests, failures: testResults.flatMap(failuresOf) };
  } catch (fault) {
    return { passed: 0, failures: [`npm test: no report to be read (${fault.message})`] };
  }
}

const { passed, failures } = count();
if (failures.length === 0 && passed === 0) failures.push('npm test: no test ran');
if (failures.length === 0 && status !== '0') failures.push(`npm test: ended with ${status} though no test failed`);
console.log([passed, failures.length, ...failures].join('\n'));
