const { availableParallelism } = require('node:os');
const preset = require('../../jest.preset.cjs')(__dirname);

/**
 * Files that have the machine to themselves: they hold answers to a time or a rate, or a process to its memory. And the kills, whose two instances of each service keep both cores
 * busy: beside another file both took more than twice as long.
 */
const TIMED = ['processes', 'network-and-disk', 'upkeep', 'extremes', 'kills', 'partner-door'];
const timed = TIMED.map((name) => `<rootDir>/${name}.test.ts`);
const base = preset.projects[0];

// Faults of a whole stack under load; each file starts its own stack. Two stand beside each other where nobody looks at the clock: most of that
// time they wait for a process to come back, for a lease to end, for what is on its way. See README.md.
module.exports = {
  ...preset,
  projects: [
    {
      ...base, displayName: 'faults', testMatch: ['<rootDir>/engine/*.test.ts', '<rootDir>/*.test.ts'],
      testPathIgnorePatterns: [...base.testPathIgnorePatterns, ...timed],
    },
    { ...base, displayName: 'faults, alone', testMatch: timed, runner: '<rootDir>/alone.runner.cjs' },
  ],
  // What hangs is to end some day: no measure of anything. What must be quick is looked at in the tests, by what it is.
  testTimeout: 900_000,
  maxWorkers: Math.min(2, availableParallelism()),
  reporters: ['default', '<rootDir>/progress.reporter.cjs'],
};
