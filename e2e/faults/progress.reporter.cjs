const { basename } = require('node:path');

const MARKS = { passed: '✓', failed: '✗' };

// A file of faults takes minutes, and jest speaks when a file ends: this tells each test as it ends.
module.exports = class Progress {
  onTestCaseResult({ path }, { fullName, status, duration }) {
    const seconds = typeof duration !== 'number' ? '' : ` (${Math.round(duration / 1_000)} s)`;
    process.stdout.write(`  ${MARKS[status] ?? '○'} ${basename(path, '.test.ts')}: ${fullName}${seconds}\n`);
  }
};
