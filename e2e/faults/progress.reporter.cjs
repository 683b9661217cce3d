const MARKS = { passed: '✓', failed: '✗' };

// A file of faults takes minutes, and jest speaks when a file ends: this tells each test as it ends.
module.exports = class Progress {
  onTestCaseResult(_test, { fullName, status, duration }) {
    const seconds = typeof duration !== 'number' ? '' : ` (${Math.round(duration / 1_000)} s)`;
    process.stdout.write(`  ${MARKS[status] ?? '○'} ${fullName}${seconds}\n`);
  }
};
